import type { RefObject } from 'preact';
import type { Condition } from '../live/condition.ts';
import { messages } from '../messages/messages.ts';

interface Notice {
  readonly title: string;
  readonly hint: string;
}

/** The live picture; when it is not live it dims, and says why. */
export function Stage({ canvas, condition }: { canvas: RefObject<HTMLCanvasElement | null>; condition: Condition }) {
  const notice = noticeOf(condition);
  return (
    <section class="stage" aria-labelledby="stage-title">
      <h2 id="stage-title" class="unseen">
        {messages.livePicture}
      </h2>
      <canvas ref={canvas} data-testid="picture" aria-label={messages.livePicture} />
      <div class="stage-notice" data-testid="condition" data-kind={condition.kind}>
        {notice && <span class={isWorking(condition) ? 'pulse pulse-working' : 'pulse'} aria-hidden="true" />}
        {/* Only the title is announced: the age below it changes every second. */}
        <output>{notice && <strong>{notice.title}</strong>}</output>
        {notice && <span>{notice.hint}</span>}
      </div>
    </section>
  );
}

function noticeOf(condition: Condition): Notice | undefined {
  switch (condition.kind) {
    case 'live':
      return undefined;
    case 'connecting':
      return { title: messages.connecting, hint: messages.connectingHint };
    case 'starting':
      return { title: messages.cameraStarting, hint: messages.cameraStartingHint };
    case 'restarting':
      return { title: messages.visionRestarting, hint: messages.visionRestartingHint };
    case 'ended':
      return { title: messages.ended, hint: messages.endedHint };
    case 'lost':
      return { title: messages.cameraLost, hint: condition.reason ?? messages.cameraLostHint };
    case 'stale':
      return { title: messages.stale, hint: aged(condition.ageSeconds) ?? '' };
    case 'gone':
      return { title: messages.reconnecting, hint: aged(condition.ageSeconds) ?? messages.reconnectingHint };
  }
}

function aged(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : messages.pictureAge(seconds);
}

function isWorking({ kind }: Condition): boolean {
  return kind !== 'ended' && kind !== 'stale';
}

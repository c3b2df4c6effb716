import type { RefObject } from 'preact';
import { formatDuration } from '../../language/format.ts';
import type { Condition } from '../live/condition.ts';
import type { Notice } from '../messages/en.ts';
import { messages } from '../messages/messages.ts';
import { byCode } from './by-code.ts';

/** The live picture. While it is not live it is dimmed, with the reason on it. */
export function Stage({ canvas, condition }: { canvas: RefObject<HTMLCanvasElement | null>; condition: Condition }) {
  const notice = noticeOf(condition);
  return (
    <section class="stage" aria-labelledby="stage-title">
      <h2 id="stage-title" class="unseen">
        {messages.livePicture}
      </h2>
      <canvas ref={canvas} data-testid="picture" role="img" aria-label={messages.livePicture} />
      <div class="stage-notice" data-testid="condition" data-kind={condition.kind}>
        {notice && <Sign condition={condition} />}
        {/* Only the title is announced: the age below it changes every second. */}
        <output>{notice && <strong>{notice.title}</strong>}</output>
        {notice && <span class="stage-hint">{notice.hint}</span>}
      </div>
    </section>
  );
}

function noticeOf(condition: Condition): Notice | undefined {
  switch (condition.kind) {
    case 'live':
      return undefined;
    case 'connecting':
    case 'loading':
    case 'starting':
    case 'restarting':
    case 'ended':
    case 'paused':
      return messages[condition.kind];
    case 'lost':
      return byCode(messages.camera, condition.code);
    case 'model':
      return messages.model[condition.code];
    case 'stale':
      return { title: messages.stale, hint: aged(condition.ageSeconds) ?? '' };
    case 'gone':
      return { title: messages.reconnecting, hint: aged(condition.ageSeconds) ?? messages.reconnectingHint };
  }
}

function aged(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return messages.pictureAge(
    seconds < 120 ? formatDuration(seconds, 'second') : formatDuration(Math.round(seconds / 60), 'minute'),
  );
}

/** A ring that turns while the device recovers automatically. */
function Sign({ condition }: { condition: Condition }) {
  if (condition.kind === 'paused') {
    return (
      <svg class="sign" viewBox="0 0 48 48" aria-hidden="true">
        <rect x="12" y="9" width="8" height="30" rx="2" />
        <rect x="28" y="9" width="8" height="30" rx="2" />
      </svg>
    );
  }
  const isWaiting = condition.kind === 'ended' || condition.kind === 'stale' || condition.kind === 'model';
  return <span class={isWaiting ? 'pulse' : 'pulse pulse-working'} aria-hidden="true" />;
}

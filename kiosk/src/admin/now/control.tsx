import { useRef, useState } from 'preact/hooks';
import { ApiProblem, requestApi } from '../../api/client.ts';
import { Failure } from '../await.tsx';
import type { Live } from '../live.ts';
import { texts } from '../messages/texts.ts';
import { problemOf } from '../problem.ts';

type Action = 'pause' | 'resume' | 'restart-vision';

const done: Readonly<Record<Action, string>> = {
  pause: texts.pauseDone,
  resume: texts.resumeDone,
  'restart-vision': texts.restartDone,
};

/** Pause and resume take effect at once. A restart asks for confirmation first. */
export function Control({ live: { device, connected } }: { live: Live }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<string | ApiProblem>('');
  const dialog = useRef<HTMLDialogElement>(null);
  const paused = device?.paused === true;
  const act = async (action: Action) => {
    setBusy(true);
    setResult('');
    try {
      await requestApi(`/control/${action}`, { method: 'POST' });
      setResult(done[action]);
    } catch (fault) {
      setResult(problemOf(fault));
    }
    setBusy(false);
  };
  const unable = busy || !connected || !device;
  return (
    <section class="panel control" aria-labelledby="control-title">
      <h2 id="control-title">{texts.control}</h2>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={unable}
          aria-describedby="pause-hint"
          onClick={() => void act(paused ? 'resume' : 'pause')}
        >
          {paused ? texts.resume : texts.pause}
        </button>
        <button type="button" class="button" disabled={unable} onClick={() => dialog.current?.showModal()}>
          {texts.restart}
        </button>
      </div>
      <p class="hint" id="pause-hint">
        {paused ? texts.pausedHint : texts.pauseHint}
      </p>
      <output class="result" data-testid="control-result">
        {typeof result === 'string' && result}
      </output>
      {result instanceof ApiProblem && <Failure error={result} />}
      <dialog ref={dialog} aria-labelledby="restart-title">
        <form method="dialog">
          <h2 id="restart-title">{texts.restartAsk}</h2>
          <p>{texts.restartHint}</p>
          <div class="row">
            <button type="submit" class="button">
              {texts.cancel}
            </button>
            <button type="submit" class="button primary" onClick={() => void act('restart-vision')}>
              {texts.restart}
            </button>
          </div>
        </form>
      </dialog>
    </section>
  );
}

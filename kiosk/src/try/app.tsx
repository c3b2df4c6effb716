import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/client.ts';
import { Camera } from './camera.tsx';
import { Faces } from './faces.tsx';
import { texts } from './messages/texts.ts';
import { type Given, type State, TryModel } from './model.ts';
import { Picture } from './picture.tsx';
import { useDropped, Ways } from './ways.tsx';

/** Takes a picture, and shows its faces with their apparent expressions. Nothing is stored. */
export function App() {
  const [state, setState] = useState<State>({ kind: 'empty' });
  const model = useMemo(() => new TryModel(setState), []);
  const onPicture = useCallback((picture: Blob) => void model.look(picture), [model]);
  const isOver = useDropped(onPicture);
  useEffect(() => {
    document.title = `${texts.title} · Mien`;
  }, []);
  const ways = <Ways onPicture={onPicture} onCamera={() => model.show('camera')} />;
  return (
    <div class="page" data-state={state.kind} data-over={isOver} data-testid="try">
      <header>
        <h1>{texts.title}</h1>
        <p>{texts.lead}</p>
      </header>
      <main>
        {state.kind === 'empty' && (
          <section class="drop" aria-labelledby="drop-title">
            {ways}
            <p id="drop-title">{isOver ? texts.dropNow : texts.drop}</p>
            <p class="hint">{texts.formats}</p>
          </section>
        )}
        {state.kind === 'camera' && <Camera onPicture={onPicture} onCancel={() => model.show('empty')} />}
        {'bitmap' in state && (
          <>
            <div class="stage">
              {state.bitmap && (
                <Picture bitmap={state.bitmap} found={state.kind === 'found' ? state.found : undefined} />
              )}
              {state.kind !== 'looking' && <section aria-label={texts.another}>{ways}</section>}
            </div>
            <Outcome state={state} onRetry={() => model.again()} />
          </>
        )}
      </main>
      <footer>
        <p data-testid="kept">{texts.kept}</p>
        <a href="/">{texts.kioskPage}</a>
      </footer>
    </div>
  );
}

/** The outcome. Announced to screen readers, and focused if there is something to read. */
function Outcome({ state, onRetry }: { state: Given; onRetry: () => void }) {
  const element = useRef<HTMLDivElement>(null);
  // Once for each outcome.
  useEffect(() => {
    if (state.kind !== 'looking') element.current?.focus();
  }, [state]);
  return (
    <div class="outcome" ref={element} tabIndex={-1} data-testid="outcome">
      <output>{state.kind === 'looking' && texts.looking}</output>
      {state.kind === 'found' && <Faces found={state.found} />}
      {state.kind === 'failed' && <Failure problem={state.problem} onRetry={onRetry} />}
    </div>
  );
}

function Failure({ problem, onRetry }: { problem: ApiProblem; onRetry: () => void }) {
  return (
    <div class="failure" role="alert" data-testid="failure">
      <h2>{texts.failed}</h2>
      <p>{problem.message}</p>
      {(problem.status === 0 || problem.status >= 500 || problem.status === 429) && (
        <button type="button" class="button" onClick={onRetry}>
          {texts.retry}
        </button>
      )}
    </div>
  );
}

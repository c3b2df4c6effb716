import { useState } from 'preact/hooks';
import { ApiProblem, fetchApi } from '../../api/client.ts';
import { Failure } from '../await.tsx';
import { texts } from '../messages/texts.ts';
import { problemOf } from '../problem.ts';

/** Download of the support bundle. Collecting takes a few seconds, so the button shows its state. */
export function Bundle() {
  const [result, setResult] = useState<'' | 'busy' | 'done' | ApiProblem>('');
  const get = async () => {
    setResult('busy');
    try {
      const response = await fetchApi('/support-bundle');
      const named = /filename="?([^";]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      save(await response.blob(), named ?? 'mien-support');
      setResult('done');
    } catch (fault) {
      setResult(problemOf(fault));
    }
  };
  return (
    <section class="panel" aria-labelledby="bundle-title">
      <h2 id="bundle-title">{texts.bundle}</h2>
      <p class="hint">{texts.bundleHint}</p>
      <div class="row">
        <button type="button" class="button primary" disabled={result === 'busy'} onClick={() => void get()}>
          {texts.bundleGet}
        </button>
        <output class="result">
          {result === 'busy' && texts.bundleBusy}
          {result === 'done' && texts.bundleDone}
        </output>
      </div>
      {result instanceof ApiProblem && <Failure error={result} />}
    </section>
  );
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  // The click has started the download, so the address can be revoked after this turn.
  setTimeout(() => URL.revokeObjectURL(url));
}

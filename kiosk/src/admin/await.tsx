import type { ComponentChildren } from 'preact';
import type { ApiProblem } from '../api/client.ts';
import type { Loaded } from './loaded.ts';
import { texts } from './messages/texts.ts';

/** Shows loaded content; before that a loading text, and after a failure its reason and a button to try again. */
export function Await<T>({ loaded, children }: { loaded: Loaded<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, busy, reload } = loaded;
  return (
    <div class="await" data-busy={busy} aria-busy={busy && data === undefined}>
      {error && <Failure error={error} onRetry={reload} />}
      {data === undefined ? !error && <p class="loading">{texts.loading}</p> : children(data)}
    </div>
  );
}

/** An error in the device's own words, with its remedy. */
export function Failure({
  error,
  title = texts.failed,
  onRetry,
}: {
  error: ApiProblem;
  title?: string;
  onRetry?: () => void;
}) {
  return (
    <div class="failure" role="alert" data-testid="failure">
      <p>
        <strong>{title}</strong>
      </p>
      {error.status === 0 ? (
        <p>{texts.noAnswer}</p>
      ) : (
        // The device speaks English.
        <p lang="en" dir="auto">
          {error.message}
          {error.remedy && ` ${error.remedy}`}
        </p>
      )}
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          {texts.retry}
        </button>
      )}
    </div>
  );
}

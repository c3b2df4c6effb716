import type { Settings } from '../answers.ts';
import { texts } from '../messages/texts.ts';
import { Scroll } from '../scroll.tsx';

/** The values set on this page: whether they are stored, which ones are invalid in this version, and their YAML. */
export function Overrides({
  answer: { changed, yaml, overrides },
  onReset,
}: {
  answer: Settings;
  onReset: (path?: string) => void;
}) {
  const { isKept, fault, ignored } = overrides;
  return (
    <>
      {!isKept && changed.length > 0 && <Notice title={texts.notKept} detail={fault} />}
      {isKept && fault !== undefined && <Notice title={texts.overridesDamaged} detail={fault} />}
      {ignored.length > 0 && (
        <div class="failure" data-testid="ignored">
          <p>
            <strong>{texts.overridesIgnored}</strong>
          </p>
          {ignored.map(({ path, reason }) => (
            <div class="row" key={path}>
              <span lang="en" dir="auto">
                <code dir="ltr">{path}</code>: {reason}
              </span>
              <button
                type="button"
                class="button small"
                aria-label={`${texts.reset}: ${path}`}
                onClick={() => onReset(path)}
              >
                {texts.reset}
              </button>
            </div>
          ))}
        </div>
      )}
      {yaml !== '' && (
        <section class="keep" aria-labelledby="keep-title">
          <h3 id="keep-title">{texts.keep}</h3>
          <p class="hint">{texts.keepHint}</p>
          <Scroll name={texts.keep}>
            <pre dir="ltr">{yaml}</pre>
          </Scroll>
          <div class="row">
            <button type="button" class="button" onClick={() => onReset()}>
              {texts.resetAll}
            </button>
          </div>
        </section>
      )}
    </>
  );
}

function Notice({ title, detail }: { title: string; detail: string | undefined }) {
  return (
    <div class="failure" role="alert" data-testid="overrides-fault">
      <p>
        <strong>{title}</strong>
      </p>
      {detail !== undefined && (
        <p lang="en" dir="auto">
          {detail}
        </p>
      )}
    </div>
  );
}

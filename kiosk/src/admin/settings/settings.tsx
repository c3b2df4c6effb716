import { useMemo, useRef, useState } from 'preact/hooks';
import { ApiProblem, ask } from '../../api/client.ts';
import type { Settings as SettingsAnswer } from '../answers.ts';
import { Await, Failure } from '../await.tsx';
import type { Live, LiveFeed } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { Preview } from '../now/preview.tsx';
import { problemOf } from '../problem.ts';
import { Scroll } from '../scroll.tsx';
import { CameraPanel } from './camera.tsx';
import { SettingField } from './field.tsx';
import { fieldsOf, flatten, type JsonSchema, nest, type Value } from './fields.ts';

/** What can be changed while the device runs, beside the picture that shows what it does. */
export function Settings({ feed, live }: { feed: LiveFeed; live: Live }) {
  const loaded = useLoaded<SettingsAnswer>('settings', (signal) => ask('/settings', { signal }));
  return (
    <div class="beside">
      <section class="panel" aria-labelledby="settings-title">
        <h2 id="settings-title">{texts.settings}</h2>
        <p class="hint">{texts.settingsHint}</p>
        <Await loaded={loaded}>{(answer) => <Form answer={answer} onSaved={loaded.reload} />}</Await>
      </section>
      <div class="stacked">
        <Preview feed={feed} live={live} />
        <CameraPanel />
      </div>
    </div>
  );
}

function Form({ answer, onSaved }: { answer: SettingsAnswer; onSaved: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const fields = useMemo(() => fieldsOf(answer.schema as JsonSchema), [answer]);
  const inEffect = useMemo(() => flatten(answer.values), [answer]);
  const configured = useMemo(() => flatten(answer.configured), [answer]);
  const [edits, setEdits] = useState<Readonly<Record<string, Value>>>({});
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<string | ApiProblem>('');
  const changed = Object.fromEntries(Object.entries(edits).filter(([path, value]) => value !== inEffect[path]));
  const errors = new Map(
    result instanceof ApiProblem ? result.errors.map(({ path, expected }) => [path, expected]) : [],
  );

  const save = async () => {
    if (Object.keys(changed).length === 0) return setResult(texts.unchanged);
    setBusy(true);
    try {
      await ask('/settings', { method: 'PATCH', body: nest(changed) });
      setEdits({});
      setResult(texts.saved);
      onSaved();
    } catch (fault) {
      setResult(problemOf(fault));
    }
    setBusy(false);
    // To the first field that is wrong, once it is marked.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };

  return (
    <form
      class="settings"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {fields.map((field) => (
        <SettingField
          key={field.path}
          field={field}
          configured={configured[field.path]}
          value={edits[field.path] ?? inEffect[field.path] ?? ''}
          changed={field.path in changed}
          error={errors.get(field.path)}
          onChange={(value) => setEdits({ ...edits, [field.path]: value })}
          onUndo={() => setEdits(Object.fromEntries(Object.entries(edits).filter(([path]) => path !== field.path)))}
        />
      ))}
      <div class="form-foot">
        <button type="submit" class="button primary" disabled={busy}>
          {texts.save}
        </button>
        <output class="result" data-testid="settings-result">
          {typeof result === 'string' && result}
        </output>
      </div>
      {result instanceof ApiProblem && <Failure error={result} title={texts.saveFailed} />}
      {answer.yaml !== '' && (
        <section class="keep" aria-labelledby="keep-title">
          <h3 id="keep-title">{texts.keep}</h3>
          <p class="hint">{texts.keepHint}</p>
          <Scroll name={texts.keep}>
            <pre dir="ltr">{answer.yaml}</pre>
          </Scroll>
        </section>
      )}
    </form>
  );
}

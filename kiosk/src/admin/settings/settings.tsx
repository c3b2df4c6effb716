import { useMemo, useRef, useState } from 'preact/hooks';
import { ApiProblem, requestApi } from '../../api/client.ts';
import type { Settings as SettingsAnswer } from '../answers.ts';
import { Await, Failure } from '../await.tsx';
import { decimalPoint } from '../format.ts';
import type { Live, LiveFeed } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { Preview } from '../now/preview.tsx';
import { problemOf } from '../problem.ts';
import { CameraPanel } from './camera.tsx';
import { SettingField } from './field.tsx';
import { asTyped, type Field, fieldsOf, flatten, type JsonSchema, nest, type Value } from './fields.ts';
import { Overrides } from './overrides.tsx';

/** Settings that can be changed while the device runs, beside the live picture that shows their effect. */
export function Settings({ feed, live }: { feed: LiveFeed; live: Live }) {
  const loaded = useLoaded<SettingsAnswer>('settings', (signal) => requestApi('/settings', { signal }));
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

/** Values by path; numbers as typed text. */
type Edits = Readonly<Record<string, Value>>;

function Form({ answer, onSaved }: { answer: SettingsAnswer; onSaved: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const fields = useMemo(() => fieldsOf(answer.schema as JsonSchema), [answer]);
  const inEffect = useMemo(() => flatten(answer.values), [answer]);
  const configured = useMemo(() => flatten(answer.configured), [answer]);
  const [edits, setEdits] = useState<Edits>({});
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<string | ApiProblem>('');
  const changed = changesOf(fields, edits, inEffect);
  const errors = new Map(
    result instanceof ApiProblem ? result.errors.map(({ path, expected }) => [path, expected]) : [],
  );

  const send = async (act: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await act();
      setResult(done);
      onSaved();
    } catch (fault) {
      setResult(problemOf(fault));
    }
    setBusy(false);
  };
  const save = async () => {
    if (Object.keys(changed).length === 0) return setResult(texts.unchanged);
    await send(async () => {
      await requestApi('/settings', { method: 'PATCH', body: nest(changed) });
      setEdits({});
    }, texts.saved);
    // Moves the focus to the first wrong field once that is marked.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  const reset = (path?: string) => {
    const query = path === undefined ? '' : `?path=${encodeURIComponent(path)}`;
    void send(() => requestApi(`/settings${query}`, { method: 'DELETE' }), texts.resetDone);
  };
  const undo = (path: string) => setEdits(Object.fromEntries(Object.entries(edits).filter(([each]) => each !== path)));

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
          overridden={answer.changed.includes(field.path)}
          changed={field.path in changed}
          error={errors.get(field.path)}
          onChange={(value) => setEdits({ ...edits, [field.path]: value })}
          onUndo={() => undo(field.path)}
          onReset={() => reset(field.path)}
        />
      ))}
      <div class="form-foot">
        <button type="submit" class="button primary" disabled={busy}>
          {texts.save}
        </button>
        <output class="result" data-testid="settings-result">
          {typeof result === 'string' && result}
        </output>
        {/* Beside the button, which is always visible; the wrong field may be far above. */}
        {errors.size > 0 && (
          <p class="wrong" role="alert" data-testid="failure">
            {texts.saveFailed}
          </p>
        )}
      </div>
      {result instanceof ApiProblem && errors.size === 0 && <Failure error={result} title={texts.notApplied} />}
      <Overrides answer={answer} onReset={reset} />
    </form>
  );
}

/** Values that differ from those in effect. */
function changesOf(fields: readonly Field[], edits: Edits, inEffect: Edits): Edits {
  const typed = fields
    .filter(({ path }) => path in edits)
    .map((field) => [field.path, asTyped(field, edits[field.path]!, decimalPoint)] as const);
  return Object.fromEntries(typed.filter(([path, value]) => value !== inEffect[path]));
}

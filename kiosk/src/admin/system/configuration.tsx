import { useState } from 'preact/hooks';
import type { Configuration as Settings } from '../answers.ts';
import { texts } from '../messages/texts.ts';
import { Description } from '../settings/field.tsx';
import type { Value } from '../settings/fields.ts';
import { descriptionOf, titleOf, unitOf, valueText } from '../settings/words.ts';
import { Switch } from '../switch.tsx';

type Entries = Settings['settings'];

/** The whole configuration by section, with a search. */
export function Configuration({ entries }: { entries: Entries }) {
  const [wanted, setWanted] = useState('');
  const [onlyChanged, setOnlyChanged] = useState(false);
  const word = wanted.trim().toLowerCase();
  const shown = entries.filter(
    ({ path, value, source, description }) =>
      (!onlyChanged || source !== 'default') &&
      [path, textOf(value), titleOf(path), descriptionOf(path) ?? description].join(' ').toLowerCase().includes(word),
  );
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="field">
          {texts.search}
          <input type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </label>
        <Switch on={onlyChanged} onChange={setOnlyChanged}>
          {texts.onlyChanged}
        </Switch>
      </form>
      {shown.length === 0 ? <p class="empty">{texts.configEmpty}</p> : <Table entries={shown} />}
    </>
  );
}

function Table({ entries }: { entries: Entries }) {
  return (
    <table class="configuration" data-testid="configuration">
      <thead>
        <tr>
          <th scope="col">{texts.setting}</th>
          <th scope="col">{texts.value}</th>
          <th scope="col">{texts.origin}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ path, value, source, configured, description, unit }) => (
          <tr key={path} data-changed={source !== 'default'}>
            <th scope="row">
              {titleOf(path)} <code dir="ltr">{path}</code>
              <p class="hint">
                <Description path={path} description={description} />
              </p>
            </th>
            <td>
              <code dir="ltr">{textOf(value)}</code> {value !== undefined && unitOf({ unit })}
            </td>
            <td>
              <Origin source={source} />
              {configured && (
                <p class="hint">
                  {texts.configured(valueText(path, configured.value as Value))} (<Origin source={configured.source} />)
                </p>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Origin({ source }: { source: string }) {
  return <>{texts.origins[source] ?? <code dir="ltr">{source}</code>}</>;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

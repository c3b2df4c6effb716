import { useState } from 'preact/hooks';
import type { Configuration as Settings } from '../answers.ts';
import { texts } from '../messages/texts.ts';
import { Switch } from '../switch.tsx';

type Entries = Settings['settings'];

/** The whole configuration, by section, to look something up in. */
export function Configuration({ entries }: { entries: Entries }) {
  const [wanted, setWanted] = useState('');
  const [onlyChanged, setOnlyChanged] = useState(false);
  const word = wanted.trim().toLowerCase();
  const shown = entries.filter(
    ({ path, value, source, description }) =>
      (!onlyChanged || source !== 'default') && `${path} ${textOf(value)} ${description}`.toLowerCase().includes(word),
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
        {entries.map(({ path, value, source, description }) => (
          <tr key={path} data-changed={source !== 'default'}>
            <th scope="row">
              <code dir="ltr">{path}</code>
              <p class="hint" lang="en" dir="auto">
                {description}
              </p>
            </th>
            <td>
              <code dir="ltr">{textOf(value)}</code>
            </td>
            <td>{texts.origins[source] ?? <code dir="ltr">{source}</code>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

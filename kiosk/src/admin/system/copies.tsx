import { useState } from 'preact/hooks';
import { type ExportFormat, type ExportTable, exportFormats, exportTables } from '../../../../device/core/exports.ts';
import { query } from '../../api/query.ts';
import { midnight } from '../history/period.ts';
import { texts } from '../messages/texts.ts';

/** Names of formats are the same in every language. */
const formatNames: Readonly<Record<ExportFormat, string>> = { csv: 'CSV', jsonl: 'JSON Lines', parquet: 'Parquet' };

/**
 * Files of the log: a table, and the whole database. Plain links, so that a year of rows streams to disk instead of through
 * this page's memory, and a refusal is a page with its remedy.
 */
export function Copies() {
  const [table, setTable] = useState<ExportTable>('visits');
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [days, setDays] = useState({ from: '', to: '' });
  const from = days.from ? midnight(days.from) : undefined;
  const to = days.to ? midnight(days.to, 1) : undefined;
  const isRange = from === undefined || to === undefined || from < to;
  const name = `${texts.tables[table]}, ${formatNames[format]}`;
  return (
    <section class="panel" aria-labelledby="copies-title">
      <h2 id="copies-title">{texts.copies}</h2>
      <p class="hint">{texts.copiesHint}</p>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="field">
          {texts.table}
          <select value={table} onChange={(event) => setTable(event.currentTarget.value as ExportTable)}>
            {exportTables.map((each) => (
              <option key={each} value={each}>
                {texts.tables[each]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {texts.format}
          <select value={format} onChange={(event) => setFormat(event.currentTarget.value as ExportFormat)}>
            {exportFormats.map((each) => (
              <option key={each} value={each}>
                {formatNames[each]}
              </option>
            ))}
          </select>
        </label>
        {(['from', 'to'] as const).map((end) => (
          <label key={end} class="field">
            {texts[end]}
            <input
              type="date"
              value={days[end]}
              onChange={(event) => setDays({ ...days, [end]: event.currentTarget.value })}
            />
          </label>
        ))}
        {isRange && (
          <a
            class="button primary"
            href={`api/v1/export/${table}${query({ format, from, to })}`}
            aria-label={`${texts.bundleGet}: ${name}`}
          >
            {texts.bundleGet}
          </a>
        )}
      </form>
      {!isRange && (
        <p class="failure" role="alert">
          {texts.badPeriod}
        </p>
      )}
      <p class="hint">{texts.backupHint}</p>
      <div class="row">
        <a class="button" href="api/v1/backup">
          {texts.backupGet}
        </a>
      </div>
    </section>
  );
}

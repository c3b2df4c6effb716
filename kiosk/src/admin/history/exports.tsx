import { query } from '../../api/query.ts';
import { formatFigure } from '../format.ts';
import { texts } from '../messages/texts.ts';
import type { Filter, Range } from './period.ts';

/** Maximum rows of a JSON answer. CSV is streamed and contains all rows. */
const maxRows = 10_000;

/** Plain links, so that a year of samples streams to disk instead of through this page's memory. */
export function Exports({ range, filter: { bucket, label } }: { range: Range; filter: Filter }) {
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const rows = [
    { name: texts.exportVisits, path: '/visits', given: { ...range, label }, limit: maxRows },
    { name: texts.exportHistory, path: '/history', given: { ...range, label, bucket, tz }, limit: undefined },
    { name: texts.exportSamples, path: '/samples', given: { ...range, label }, limit: maxRows },
  ];
  return (
    <section class="panel" aria-labelledby="export-title">
      <h2 id="export-title">{texts.export}</h2>
      <p class="hint">{texts.exportHint(formatFigure(maxRows))}</p>
      <ul class="exports">
        {rows.map(({ name, path, given, limit }) => (
          <li key={path}>
            <span>{name}</span>
            {(['csv', 'json'] as const).map((format) => (
              <a
                key={format}
                class="button"
                href={`api/v1${path}${query({ ...given, format, limit: format === 'json' ? limit : undefined })}`}
                download={`mien${path.replace('/', '-')}.${format}`}
                aria-label={`${texts.export}: ${name}, ${format.toUpperCase()}`}
              >
                {format.toUpperCase()}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { requestApi } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import type { Logs as LogsAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatMoment } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { Scroll } from '../scroll.tsx';
import { Switch } from '../switch.tsx';
import { filterLines, type LogLine, moreOf } from './lines.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
const maxLines = 500;
const followMs = 2000;

/** The newest lines of the daemon's log. Follows new lines until the operator scrolls or switches that off. */
export function Logs() {
  const [level, setLevel] = useState<(typeof levels)[number]>('info');
  const [follow, setFollow] = useState(true);
  const [wanted, setWanted] = useState('');
  const path = `/logs${query({ level, limit: maxLines })}`;
  const loaded = useLoaded<LogsAnswer>(path, (signal) => requestApi(path, { signal }), {
    everyMs: follow ? followMs : undefined,
  });
  return (
    <section class="panel logs" aria-labelledby="logs-title">
      <h2 id="logs-title" class="unseen">
        {texts.logs}
      </h2>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="field">
          {texts.level}
          <select value={level} onChange={(event) => setLevel(event.currentTarget.value as typeof level)}>
            {levels.map((each) => (
              <option key={each} value={each}>
                {texts.levelsFrom[each]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {texts.search}
          <input type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </label>
        <Switch on={follow} onChange={setFollow}>
          {texts.follow}
        </Switch>
      </form>
      <Await loaded={loaded}>{({ lines }) => <Lines lines={filterLines(lines, wanted)} follow={follow} />}</Await>
    </section>
  );
}

function Lines({ lines, follow }: { lines: readonly LogLine[]; follow: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const newest = lines.at(-1);
  // Scrolls to the end when lines were added.
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, newest?.time, lines.length]);
  if (lines.length === 0) return <p class="empty">{texts.logsEmpty}</p>;
  return (
    <>
      <Scroll name={texts.logs} kind="log" inner={box}>
        <ol>
          {lines.map((line, at) => (
            // Two lines may be identical.
            <li key={`${line.time} ${at}`} data-level={line.level}>
              <time dateTime={line.time}>{formatMoment(Date.parse(line.time), 'time')}</time>
              <span class="level">{texts.levels[line.level] ?? line.level}</span>
              <span class="message" lang="en" dir="auto">
                {line.msg}
                {line.fields && <code>{moreOf(line.fields)}</code>}
              </span>
            </li>
          ))}
        </ol>
      </Scroll>
      <p class="hint">{texts.lines(lines.length)}</p>
    </>
  );
}

import { useEffect, useState } from 'preact/hooks';
import { requestApi } from '../../api/client.ts';
import { formatUnit } from '../../language/units.ts';
import type { Performance } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatFigure } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { type Moment, remember } from './figures.ts';
import { type Line, LineChart } from './line-chart.tsx';
import { Stages } from './stages.tsx';

const everyMs = 2000;

const rates: readonly Line[] = [
  { name: texts.processed, of: ({ fps }) => fps },
  { name: texts.dropped, of: ({ droppedFps }) => droppedFps },
];
const latencies: readonly Line[] = [
  { name: texts.median, of: ({ latencyMs, stages }) => latencyMs ?? stages.total?.p50 },
  { name: texts.p95, of: ({ stages }) => stages.total?.p95 },
];
const temperatures: readonly Line[] = [{ name: '', of: ({ temperatureC }) => temperatureC }];
const memories: readonly Line[] = [
  { name: texts.visionProcess, of: ({ memoryMb }) => memoryMb.vision },
  { name: texts.daemon, of: ({ memoryMb }) => memoryMb.daemon },
];

const tenths = (value: number) => formatFigure(value, 'tenths');
const milliseconds = (value: number) => formatUnit(value, 'millisecond', value < 10 ? 1 : 0);
const celsius = (value: number) => formatUnit(value, 'celsius');
const megabytes = (value: number) => formatUnit(value, 'megabyte');

/** Performance of the device, as small charts of the last minutes. */
export function PerformancePanel() {
  const loaded = useLoaded<Performance>('performance', (signal) => requestApi('/performance', { signal }), { everyMs });
  const [moments, setMoments] = useState<readonly Moment[]>([]);
  const { data } = loaded;
  useEffect(() => {
    if (data) setMoments((before) => remember(before, data, performance.now()));
  }, [data]);
  return (
    <section class="panel" aria-labelledby="performance-title">
      <div class="panel-head">
        <h2 id="performance-title">{texts.performance}</h2>
        <p class="hint">{texts.performanceHint}</p>
      </div>
      <Await loaded={loaded}>
        {({ stages }) => (
          <div class="tiles" data-testid="performance">
            <LineChart title={texts.rate} moments={moments} lines={rates} format={tenths} max={10} />
            <LineChart title={texts.latency} moments={moments} lines={latencies} format={milliseconds} max={20} />
            <LineChart
              title={texts.temperature}
              moments={moments}
              lines={temperatures}
              format={celsius}
              min={30}
              max={90}
            />
            <LineChart title={texts.memory} moments={moments} lines={memories} format={megabytes} max={200} />
            <Stages stages={stages} />
          </div>
        )}
      </Await>
    </section>
  );
}

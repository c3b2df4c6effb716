/// <reference path="./prom-client.d.ts" />
import type { Metric } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import { bucketBoundsMs } from '../../core/duration-counts.ts';
import type { DeviceNow } from './device-now.ts';
import { families } from './families.ts';
import type { Durations, Family, Value } from './family.ts';

/** Content type of the page: the text format 0.0.4 of Prometheus. */
export const pageType = Registry.PROMETHEUS_CONTENT_TYPE;

/** Writes the metrics as text. Its registry is its own, and has no metrics but those of `families`. */
export class MetricsPage {
  readonly #registry = new Registry();
  #device: DeviceNow | undefined;

  constructor() {
    for (const family of families) this.#add(family);
  }

  /** Every family is read within this call, before it returns. */
  write(device: DeviceNow): Promise<string> {
    this.#device = device;
    return this.#registry.metrics();
  }

  #add(family: Family): void {
    if (family.type === 'histogram') this.#registry.registerMetric(this.#histogram(family));
    else this.#addCounts(family);
  }

  #addCounts({ type, name, help, labels = [], read }: Extract<Family, { type: 'gauge' | 'counter' }>): void {
    const Kind = type === 'gauge' ? Gauge : Counter;
    const metric: Gauge | Counter = new Kind({
      ...{ name, help, labelNames: [...labels] },
      registers: [this.#registry],
      collect: () => replace(metric, labels.length > 0, read(this.#device!)),
    });
  }

  /** A histogram of prom-client counts one duration at a time. This one shows the counts of another process. */
  #histogram({ type, name, help, read }: Extract<Family, { type: 'histogram' }>): Metric {
    const series = () => read(this.#device!).flatMap((durations) => seriesOf(name, durations));
    return { name, help, type, get: async () => ({ name, help, type, values: series() }) } as unknown as Metric;
  }
}

/** The counts are made elsewhere, so also a counter is set as a whole. */
function replace(metric: Gauge | Counter, isLabelled: boolean, values: readonly Value[]): void {
  metric.reset();
  // A reset sets a metric without labels to 0, although its value may be unknown.
  if (!isLabelled) metric.remove();
  for (const { labels = {}, value } of values) if (value !== undefined) metric.inc({ ...labels }, value);
}

function seriesOf(name: string, { labels = {}, counts: { buckets, sumMs } }: Durations) {
  let count = 0;
  const series = buckets.map((each, index) => {
    count += each;
    const bound = bucketBoundsMs[index];
    const le = bound === undefined ? '+Inf' : String(bound / 1000);
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...series,
    { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

import { configId } from '../../config/config-id.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/clock.ts';
import { uncertain as uncertainLabel } from '../../core/labels.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { StateBoard } from '../../core/state.ts';
import type { Reading } from '../../core/types.ts';
import type { VisionSupervisor } from '../../vision/supervise/supervisor.ts';
import type { Uploads } from '../../vision/uploads/uploads.ts';
import type { Feed } from '../live/feed.ts';
import type { ServedNow } from './device-now.ts';
import { EventLoopLag } from './event-loop-lag.ts';
import { MetricsPage } from './page.ts';
import { Processes } from './processes.ts';

export interface MetricsDeps {
  readonly board: Pick<StateBoard, 'current'>;
  readonly clock: Clock;
  readonly feed: Pick<Feed, 'subscribe'>;
  readonly settings: { readonly current: Config };
  readonly uploads: Pick<Uploads, 'pid' | 'waiting'>;
  readonly version: string;
  readonly vision: Pick<VisionSupervisor, 'pid' | 'record'>;
}

/**
 * The metrics of this device. Besides a few counters that grow with each reading, and a timer that measures the event
 * loop, all values are read at the scrape.
 */
export class Metrics implements Part {
  readonly name = 'metrics';
  readonly processes: Processes;
  readonly #deps: MetricsDeps;
  readonly #page = new MetricsPage();
  readonly #eventLoopLag: EventLoopLag;
  readonly #counts = { readings: 0, named: 0, uncertain: 0, visits: 0, people: undefined as number | undefined };
  #startedAt = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: MetricsDeps) {
    const { clock, vision, uploads } = deps;
    this.#deps = deps;
    this.#eventLoopLag = new EventLoopLag(clock);
    this.processes = new Processes({
      daemon: () => process.pid,
      vision: () => vision.pid,
      uploads: () => uploads.pid,
    });
  }

  start(): void {
    this.#startedAt = this.#deps.clock.now();
    this.#eventLoopLag.start();
    this.#unsubscribe = this.#deps.feed.subscribe({
      onReading: (reading) => this.#count(reading),
      onVisit: () => {
        this.#counts.visits += 1;
      },
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#eventLoopLag.stop();
  }

  /** The page for Prometheus, of this moment. */
  page(served: ServedNow): Promise<string> {
    const { board, clock, settings, uploads, version, vision } = this.#deps;
    return this.#page.write({
      ...served,
      version,
      configId: configId(settings.current),
      now: clock.now(),
      startedAt: this.#startedAt,
      state: board.current,
      vision: vision.record,
      counts: this.#counts,
      uploadsWaiting: uploads.waiting,
      eventLoopLag: this.#eventLoopLag.counts,
      processes: this.processes.read(),
    });
  }

  #count({ faces }: Reading): void {
    const uncertain = faces.filter(({ label }) => label === uncertainLabel).length;
    this.#counts.readings += 1;
    this.#counts.people = faces.length;
    this.#counts.uncertain += uncertain;
    this.#counts.named += faces.length - uncertain;
  }
}

import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { StateBoard } from '../../../core/state.ts';
import type { LiveFrame } from '../../../core/types.ts';
import { createLog } from '../../../ops/log.ts';
import { frameMessage } from '../../../sinks/live/frame-message.ts';
import { readingPayload } from '../../../sinks/mqtt/payloads.ts';
import { createSqliteSink, type SqliteSink } from '../../../sinks/sqlite/sqlite.ts';
import { createVisitLog } from '../../../visits/visits.ts';

/** The daemon's work on one reading: visits, log, the message to viewers, the message to the broker. */
export class Sinks {
  readonly #store: SqliteSink;
  readonly #visits = createVisitLog({ gapMs: 2000, minDwellMs: 500, bootId: 'bench' });

  constructor(folder: string) {
    this.#store = createSqliteSink({
      file: join(folder, 'bench.db'),
      sampleMs: 1000,
      keep: { samplesDays: 1, visitsDays: 1, minutesDays: 1, hoursDays: 1 },
      clock: systemClock,
      log: createLog({ level: 'silent', format: 'json' }),
      board: new StateBoard('bench'),
      bootId: 'bench',
    });
  }

  start(): Promise<void> {
    return this.#store.start();
  }

  take(frame: LiveFrame): void {
    this.#store.onReading?.(frame.reading);
    for (const visit of this.#visits.update(frame.reading)) this.#store.onVisit?.(visit);
    frameMessage(frame);
    JSON.stringify(readingPayload(frame.reading));
  }

  async stop(): Promise<void> {
    for (const visit of this.#visits.flush()) this.#store.onVisit?.(visit);
    await this.#store.stop();
  }
}

/** Visits, minutes, hours and their outbox under a wall clock that is ten years wrong. */
import { expect, test, vi } from 'vitest';
import { idOf, type OutboxRecord } from '../../../core/store.ts';
import { handClock, keepDays, minute, storedRows, testStores, visit } from '../../../lab/fixtures/store.ts';
import type { SqliteSink } from '../sqlite.ts';

const { build } = testStores();
const hourMs = 3_600_000;
const tenYears = 3650 * 24 * hourMs;

/** A device that makes three visits and a minute each hour, over several starts and whatever its clock says. */
class Device {
  readonly made: string[] = [];
  readonly delivered: string[] = [];
  #clock = handClock();
  #sink!: SqliteSink;
  #file = '';
  #bootId = '';
  #seq = 0;

  async start(bootId: string, wrongMs: number): Promise<void> {
    // The time goes on while the device is off; what it shows then is another matter.
    const { now } = this.#clock;
    const clock = handClock();
    clock.jump(now() - clock.now() + wrongMs);
    this.#clock = clock;
    this.#bootId = bootId;
    this.#seq = 0;
    const { sink, file } = build({ bootId, clock, keep: keepDays(5), outboxLimit: 100_000 });
    this.#sink = sink;
    this.#file = file;
    await sink.start();
  }

  stop = () => this.#sink.stop();
  jump = (ms: number) => this.#clock.jump(ms);

  /** @param isOnline whether the broker takes and acknowledges what waits */
  run(hours: number, isOnline: boolean): void {
    for (let passed = 0; passed < hours; passed += 1) {
      this.#seq += 1;
      const startedAt = this.#clock.now();
      for (const part of [0, 1, 2]) {
        const seq = this.#seq * 3 + part;
        const times = { startedAt: startedAt + part * 1000, endedAt: startedAt + part * 1000 + 900 };
        this.#make({ kind: 'visit', visit: visit(seq, { ...this.#named(`${seq}`), ...times }) });
      }
      const times = { startedAt, endedAt: startedAt + 60_000 };
      this.#make({ kind: 'minute', minute: minute(this.#seq, { ...this.#named(`m${this.#seq}`), ...times }) });
      if (isOnline) this.deliver();
      this.#clock.pass(hourMs);
      vi.advanceTimersByTime(3000);
    }
  }

  /** As the pump does: pieces, each acknowledged. */
  deliver(): void {
    for (let piece = this.#sink.waiting(7); piece.length > 0; piece = this.#sink.waiting(7)) {
      this.delivered.push(...piece.map(idOf));
      this.#sink.markPublished(piece);
    }
  }

  rows(): { visits: number; minutes: number; hours: number } {
    return {
      visits: storedRows(this.#file, 'visits').length,
      minutes: storedRows(this.#file, 'minutes').length,
      hours: storedRows(this.#file, 'hours').length,
    };
  }

  #named(end: string) {
    return { id: `${this.#bootId}-${end}`, bootId: this.#bootId };
  }

  #make(record: OutboxRecord): void {
    this.made.push(idOf(record));
    if (record.kind === 'visit') this.#sink.onVisit?.(record.visit);
    else this.#sink.onMinute?.(record.minute);
  }
}

const isVisit = (id: string) => !id.includes('-m');

/** Each record once, and each kind in the order in which it was made. Between the kinds the time of the records decides. */
function expectDeliveredOnce({ made, delivered }: Device): void {
  expect(delivered.filter(isVisit)).toEqual(made.filter(isVisit));
  expect(delivered.filter((id) => !isVisit(id))).toEqual(made.filter((id) => !isVisit(id)));
}

test.each([
  ['ahead', 'online', tenYears],
  ['ahead', 'away', tenYears],
  ['behind', 'online', -tenYears],
  ['behind', 'away', -tenYears],
])(
  'a start with the clock ten years %s (broker %s): nothing is deleted early, every record is sent once, in order',
  async (_name, broker, wrongMs) => {
    const isOnline = broker === 'online';
    const device = new Device();
    await device.start('right', 0);
    device.run(48, true);
    device.run(24, isOnline);
    await device.stop();
    await device.start('wrong', wrongMs);
    device.run(20, isOnline);
    await device.stop();
    // The hour in progress of each clock is not closed yet.
    await device.start('again', -wrongMs);
    device.run(4, isOnline);
    expect(device.rows()).toEqual({ visits: 3 * 96, minutes: 96, hours: 95 });
    device.deliver();
    expectDeliveredOnce(device);
    await device.stop();
    await device.start('last', 0);
    expect(device.rows()).toEqual({ visits: 3 * 96, minutes: 96, hours: 95 });
    device.deliver();
    expectDeliveredOnce(device);
  },
);

test.each([
  ['ahead', 'online', tenYears],
  ['ahead', 'away', tenYears],
  ['back', 'online', -tenYears],
  ['back', 'away', -tenYears],
])(
  'a clock that jumps ten years %s while running, and is corrected (broker %s): the same',
  async (_name, broker, wrongMs) => {
    const isOnline = broker === 'online';
    const device = new Device();
    await device.start('first', 0);
    device.run(48, true);
    device.run(24, isOnline);
    device.jump(wrongMs);
    device.run(20, isOnline);
    device.jump(-wrongMs);
    device.run(4, isOnline);
    expect(device.rows()).toEqual({ visits: 3 * 96, minutes: 96, hours: 95 });
    device.deliver();
    expectDeliveredOnce(device);
    // Right for long: the rows of the wrong clock are deleted at their real age too, not before.
    device.run(20, true);
    expect(device.rows().visits).toBeGreaterThanOrEqual(3 * 96);
    device.run(8 * 24, true);
    expect(device.rows().visits).toBeLessThan(3 * 24 * 8);
    expect(device.rows().minutes).toBeLessThan(24 * 8);
    expectDeliveredOnce(device);
  },
);

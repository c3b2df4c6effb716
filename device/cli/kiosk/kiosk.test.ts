import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { type HeardLog, heardLog } from '../../lab/fixtures/log.ts';
import type { ScreenAnswer } from './daemon-page.ts';
import { Kiosk } from './kiosk.ts';

/** A daemon and a browser as the kiosk sees them, on a fake clock. */
class Stage {
  readonly log: HeardLog = heardLog();
  readonly stop = new AbortController();
  /** Whether the daemon answers. */
  isUp = true;
  isLocked = false;
  isConnected = true;
  /** Whether the page sends heartbeats. */
  isDrawing = true;
  /** Brightness that the page asks for. */
  light: 'full' | 'off' = 'full';
  backlightFault: string | undefined;
  /** Each switch of the backlight: on or off, and its second. */
  readonly switched: [on: boolean, at: number][] = [];
  printed = '';
  readonly startedAt: number[] = [];
  ended = 0;
  crash: (reason: string) => void = () => {};
  readonly #from = performance.now();

  /** Runs the kiosk until `stop`. */
  run(): Promise<void> {
    const kiosk = new Kiosk({
      page: {
        url: 'http://localhost:8080/',
        unreachable: async () => (this.isUp ? undefined : 'connection refused'),
        screen: async () => this.#answer(),
      },
      start: () => {
        this.startedAt.push(this.now);
        const ended = new Promise<string>((resolve) => {
          this.crash = resolve;
        });
        const end = async () => {
          this.ended += 1;
        };
        return { ended, lastLine: () => this.printed, end };
      },
      isScreenConnected: () => this.isConnected,
      backlight: {
        switch: async (isOn) => {
          const isNew = this.switched.at(-1)?.[0] !== isOn;
          if (isNew) this.switched.push([isOn, this.now]);
          return isNew ? this.backlightFault : undefined;
        },
      },
      clock: systemClock,
      log: this.log,
    });
    return kiosk.run(this.stop.signal);
  }

  /** Seconds since the start. */
  get now(): number {
    return Math.round((performance.now() - this.#from) / 1000);
  }

  get lines(): string[] {
    return this.log.lines.map(({ text }) => text);
  }

  #answer(): ScreenAnswer {
    if (!this.isUp) return { kind: 'none', reason: 'connection refused' };
    if (this.isLocked) return { kind: 'locked' };
    const isShown = this.isDrawing && this.startedAt.length > 0;
    return { kind: 'beat', seenAt: isShown ? Math.floor(this.now / 10) : 0, light: this.light };
  }
}

let stage: Stage;
beforeEach(() => {
  vi.useFakeTimers();
  stage = new Stage();
});
afterEach(async () => {
  stage.stop.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

test('the browser starts once the daemon answers; the wait is one line of the log', async () => {
  stage.isUp = false;
  void stage.run();
  await pass(600);
  expect(stage.startedAt).toEqual([]);
  expect(stage.lines).toEqual(['Waiting for Mien at http://localhost:8080/: connection refused']);
  stage.isUp = true;
  await pass(1);
  expect(stage.startedAt).toHaveLength(1);
  await pass(30);
  expect(stage.lines.slice(1)).toEqual([
    expect.stringMatching(/^The page is live; its first heartbeat came after \d+ s$/),
  ]);
});

test('a page that draws is left alone', async () => {
  void stage.run();
  await pass(86_400);
  expect(stage.startedAt).toEqual([0]);
  expect(stage.lines).toHaveLength(1);
});

test('a browser that ends is started again at once; its last line is in the log', async () => {
  void stage.run();
  await pass(100);
  stage.printed = 'Segmentation fault';
  stage.crash('ended by SIGSEGV');
  await pass(1);
  expect(stage.startedAt).toEqual([0, 100]);
  expect(stage.ended).toBe(1);
  expect(stage.lines).toContain(
    'The browser is started again, because it ended by SIGSEGV. The last line of its output: "Segmentation fault"',
  );
});

test('a browser that ends again and again is started less and less often, with one line in 10 minutes', async () => {
  stage.isDrawing = false;
  void stage.run();
  for (let second = 0; second < 590; second += 1) {
    stage.crash('ended with code 1');
    await pass(1);
  }
  expect(stage.startedAt.length).toBeGreaterThan(15);
  expect(stage.startedAt.length).toBeLessThan(30);
  expect(stage.lines).toEqual(['The browser is started again, because it ended with code 1']);
  for (let second = 0; second < 60; second += 1) {
    stage.crash('ended with code 1');
    await pass(1);
  }
  expect(stage.lines).toHaveLength(2);
});

test('a page that falls silent for 60 s is started again, although the browser runs', async () => {
  void stage.run();
  await pass(100);
  stage.isDrawing = false;
  await pass(75);
  expect(stage.startedAt).toHaveLength(2);
  expect(stage.startedAt[1]).toBeGreaterThanOrEqual(155);
  expect(stage.ended).toBe(1);
  expect(stage.lines.at(-1)).toMatch(
    /^The browser is started again, because it does not draw the page, which sent no heartbeat for 6\d s$/,
  );
});

test('a page that never draws gets more time at each start', async () => {
  stage.isDrawing = false;
  void stage.run();
  await pass(3600);
  const gaps = stage.startedAt.slice(1).map((at, n) => at - stage.startedAt[n]!);
  const limits = [60, 120, 300, 600];
  for (const [n, limit] of limits.entries()) {
    expect(gaps[n]).toBeGreaterThanOrEqual(limit);
    expect(gaps[n]).toBeLessThanOrEqual(limit + 10);
  }
});

test.each([
  ['the daemon is away', (it: Stage) => Object.assign(it, { isUp: false }), []],
  [
    'the daemon wants a login',
    (it: Stage) => Object.assign(it, { isLocked: true }),
    [
      'Mien wants a login on the device itself, so the heartbeat of the page is not watched. Set http.loopbackLogin to never',
    ],
  ],
  [
    'no screen is connected',
    (it: Stage) => Object.assign(it, { isConnected: false, isDrawing: false }),
    ['No screen is connected. Check its cable and its power'],
  ],
])('while %s, silence does not start the browser again', async (_what, change, lines) => {
  void stage.run();
  await pass(100);
  change(stage);
  await pass(500);
  expect(stage.startedAt).toEqual([0]);
  expect(stage.lines.slice(1)).toEqual(lines);
});

test('the backlight follows the page, and is on again within a second', async () => {
  void stage.run();
  await pass(100);
  stage.light = 'off';
  await pass(100);
  stage.light = 'full';
  await pass(1);
  expect(stage.switched.map(([on]) => on)).toEqual([true, false, true]);
  expect(stage.switched[1]![1]).toBeLessThanOrEqual(105);
  expect(stage.switched[2]![1]).toBeLessThanOrEqual(201);
});

test.each([
  ['the daemon ends', () => Object.assign(stage, { isUp: false })],
  ['the browser ends', () => stage.crash('ended by SIGSEGV')],
  ['the kiosk is stopped', () => stage.stop.abort()],
])('the backlight is on again when %s', async (_what, event) => {
  void stage.run();
  await pass(100);
  stage.light = 'off';
  await pass(10);
  expect(stage.switched.at(-1)?.[0]).toBe(false);
  event();
  stage.light = 'full';
  await pass(2);
  expect(stage.switched.at(-1)?.[0]).toBe(true);
});

test('a backlight that cannot be switched is not logged again and again', async () => {
  void stage.run();
  await pass(100);
  stage.backlightFault = 'Session is not in foreground';
  for (let turn = 0; turn < 5; turn += 1) {
    stage.light = turn % 2 === 0 ? 'off' : 'full';
    await pass(20);
  }
  const lines = stage.lines.filter((line) => line.includes('backlight'));
  expect(lines).toEqual([
    'The backlight cannot be switched off. Session is not in foreground',
    'The backlight cannot be switched on. Session is not in foreground',
  ]);
});

test('a stop ends the browser and starts no other one', async () => {
  const run = stage.run();
  await pass(12);
  stage.stop.abort();
  await run;
  expect(stage.startedAt).toEqual([0]);
  expect(stage.ended).toBe(1);
});

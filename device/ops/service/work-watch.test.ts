import { expect, test } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import { FakeClock } from '../../lab/fixtures/http-fixture.ts';
import type { FromVision } from '../../vision/messages.ts';
import type { FaultKind } from '../../vision/supervise/run.ts';
import { VisionRecord } from '../../vision/supervise/vision-record.ts';
import { noTotals } from '../../vision/totals.ts';
import { WorkWatch } from './work-watch.ts';

const stallMs = 5000;
const tickMs = 3000;

/** A supervisor and its board as a test drives them; the watch is asked every 3 s. */
function setUp() {
  const clock = new FakeClock();
  const board = new StateBoard('demo');
  const record = new VisionRecord();
  const vision = { record, patienceMs: stallMs as number | undefined };
  const watch = new WorkWatch({ board, vision, clock });
  let processed = 0;
  const sends = (...messages: Partial<FromVision>[]) => {
    for (const each of messages) record.addMessage(each as FromVision);
  };
  return {
    board,
    vision,
    watch,
    sends,
    /** Statistics with this number of further frames. */
    sees: (frames: number) => {
      processed += frames;
      sends({ type: 'stats', totals: { ...noTotals, processed } });
    },
    computes: () => record.addProgress(),
    restarts: (kind: FaultKind) => {
      record.addEnd(kind);
      board.update('vision', { restarts: board.current.vision.restarts + 1 });
      processed = 0;
    },
    /** Seconds until the watch is fed no longer, at most this many; each tick begins with `happens`. */
    fedFor(limitS: number, happens: () => void = () => {}): number {
      for (let s = 0; s < limitS; s += tickMs / 1000) {
        clock.time += tickMs;
        happens();
        if (!watch.isAtWork()) return s;
      }
      return limitS;
    },
  };
}

function setUpSeeing() {
  const device = setUp();
  device.board.update('vision', { state: 'running' });
  device.board.update('camera', { state: 'online', fps: 15 });
  device.sees(1);
  return device;
}

test('frames that advance feed the watchdog', () => {
  const { fedFor, sees } = setUpSeeing();
  expect(fedFor(3600, () => sees(45))).toBe(3600);
});

test('a camera that is online without frames is given up, although the process answers', () => {
  const { fedFor, sees } = setUpSeeing();
  expect(fedFor(30, () => sees(45))).toBe(30);
  const heldS = fedFor(3600, () => sees(0));
  expect(heldS).toBeGreaterThan(stallMs / 1000);
  expect(heldS).toBeLessThanOrEqual(18);
});

test('a source of one frame in ten seconds is at work', () => {
  const { board, fedFor, sees } = setUpSeeing();
  board.update('camera', { fps: 0.1 });
  let tick = 0;
  expect(fedFor(3600, () => sees(tick++ % 10 === 0 ? 1 : 0))).toBe(3600);
});

test('loading and measuring may take minutes while the process computes', () => {
  const { board, vision, fedFor, computes } = setUp();
  vision.patienceMs = 30_000;
  let tick = 0;
  const slowly = () => tick++ % 10 === 0 && computes();
  expect(fedFor(600, slowly)).toBe(600);
  board.update('vision', { state: 'running' });
  board.update('camera', { state: 'loading' });
  expect(fedFor(600, slowly)).toBe(600);
  expect(fedFor(600)).toBeLessThanOrEqual(39);
});

test('a lost camera is worked on while openings are tried, however long each may take', () => {
  const { board, vision, fedFor, sends } = setUpSeeing();
  board.update('camera', { state: 'lost', reason: 'unplugged' });
  expect(fedFor(3600, () => sends({ type: 'opening' }, { type: 'lost' }))).toBe(3600);
  vision.patienceMs = 120_000;
  expect(fedFor(3600)).toBe(123);
});

test('a lost camera without a further opening is given up, although the process answers', () => {
  const { board, fedFor, sees } = setUpSeeing();
  board.update('camera', { state: 'lost', reason: 'unplugged' });
  expect(fedFor(3600, () => sees(0))).toBeLessThanOrEqual(18);
});

test('a pause feeds while the vision process answers, and no longer', () => {
  const { board, fedFor, sees } = setUpSeeing();
  board.update('camera', { state: 'paused' });
  expect(fedFor(3600, () => sees(0))).toBe(3600);
  expect(fedFor(3600)).toBeLessThanOrEqual(18);
});

test('loading feeds for as long as the supervisor waits, and its restarts count as work', () => {
  const { vision, fedFor, restarts } = setUp();
  vision.patienceMs = 180_000;
  expect(fedFor(3600)).toBe(186);
  let tick = 0;
  expect(fedFor(3600, () => tick++ % 60 === 0 && restarts('silent'))).toBe(3600);
});

test('a supervisor that starts no process any more is given up', () => {
  const { board, vision, fedFor, restarts } = setUpSeeing();
  restarts('ended');
  board.update('vision', { state: 'restarting' });
  vision.patienceMs = undefined;
  expect(fedFor(3600)).toBeLessThanOrEqual(18);
});

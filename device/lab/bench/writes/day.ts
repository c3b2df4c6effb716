import { mock } from 'node:test';
import { StateBoard } from '../../../core/state.ts';
import type { Reading } from '../../../core/types.ts';
import { createLog } from '../../../ops/log.ts';
import { Delivery } from '../../../sinks/delivery.ts';
import { createSqliteSink } from '../../../sinks/sqlite/sqlite.ts';
import { createMinuteLog } from '../../../visits/minutes.ts';
import { createVisitLog } from '../../../visits/visits.ts';

const dayMs = 86_400_000;
const stepMs = 100;
const visitMs = 12_000;
const probabilities = { angry: 0.05, disgust: 0.01, fear: 0.02, happy: 0.7, sad: 0.05, surprise: 0.07, neutral: 0.1 };
const box = { x: 200.5, y: 120.25, width: 160, height: 160 };

/**
 * Runs the log of one day in compressed time: `visits` stays of 12 s, every fifth with a second person, ten readings a second
 * while somebody is there and one otherwise, and a broker that acknowledges each record after 200 ms.
 *
 * @returns the longest time that one step held the process, in ms
 */
export async function logOneDay(file: string, visits: number): Promise<number> {
  let passed = 0;
  const startedAt = Date.UTC(2026, 0, 5);
  const clock = { now: () => startedAt + passed, mono: () => passed };
  const base = { clock, bootId: 'bench', log: createLog({ level: 'silent', format: 'json' }) };
  const board = new StateBoard('bench');
  board.update('camera', { state: 'online' });
  board.update('vision', { state: 'running', modelId: 'net@1a2b3c4d' });
  mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'setImmediate'] });
  try {
    const sink = createSqliteSink({
      ...{ ...base, file, board, sampleMs: 1000, outboxLimit: 200_000 },
      keep: { samplesDays: 1, visitsDays: 30, minutesDays: 90, hoursDays: 1825 },
    });
    const delivery = new Delivery({
      visits: createVisitLog({ gapMs: 2000, minDwellMs: 500, bootId: 'bench', clock }),
      minutes: createMinuteLog({ ...base, board, configId: () => '0a1b2c3d' }),
      receivers: [sink],
      log: base.log,
      tickMs: 1000,
      sampleMs: 1000,
    });
    await sink.start();
    sink.subscribe((record) => setTimeout(() => sink.markPublished([record]), 200));
    delivery.start();
    let longest = 0;
    for (let frame = 0; passed < dayMs; frame += 1, passed += stepMs) {
      const before = performance.now();
      const reading = readingAt(passed, { frame, visits, ts: clock.now() });
      if (reading.faces.length > 0 || frame % 10 === 0) delivery.onReading(reading);
      mock.timers.tick(stepMs);
      longest = Math.max(longest, performance.now() - before);
    }
    delivery.stop();
    await sink.stop();
    return longest;
  } finally {
    mock.timers.reset();
  }
}

/** The visits are spread over the day. Every fifth has company, which comes 4 s later. */
function readingAt(passed: number, { frame, visits, ts }: { frame: number; visits: number; ts: number }): Reading {
  const alone = Math.round((visits * 5) / 6);
  const every = dayMs / alone;
  const number = Math.floor(passed / every);
  const since = passed - number * every;
  const faces = [
    ...(since < visitMs ? [faceOf(number * 2, frame)] : []),
    ...(number % 5 === 0 && since >= 4000 && since < 4000 + visitMs ? [faceOf(number * 2 + 1, frame)] : []),
  ];
  const happyShare = faces.length > 0 ? 1 : null;
  return { frame, t: passed / 1000, ts, mono: passed, width: 640, height: 480, faces, happyShare };
}

function faceOf(track: number, frame: number): Reading['faces'][number] {
  const label = Math.floor(frame / 37) % 4 === 0 ? 'surprise' : 'happy';
  return { track, box, score: 0.93, label, probability: 0.6 + (frame % 30) / 100, probabilities };
}

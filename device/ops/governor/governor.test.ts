import { expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { StateBoard } from '../../core/state.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { Governor } from './governor.ts';
import type { Strain } from './strain.ts';

/** A governor of a board that says what the test sets; its clock goes on by ten minutes per look. */
function govern(first: Strain) {
  const said = { strain: first, looks: 0, fps: 30 };
  const board = new StateBoard('made up');
  const log = heardLog();
  const limits: number[] = [];
  let mono = 0;
  const governor = new Governor({
    settings: {
      get current() {
        return configSchema.parse({ camera: { fps: said.fps } });
      },
    },
    board,
    log,
    clock: { now: () => 0, mono: () => (mono += 600_000) },
    control: { limitRate: (fps) => void limits.push(fps) },
    readStrain: async () => {
      said.looks += 1;
      return said.strain;
    },
    checkMs: 1,
  });
  governor.start();
  return { governor, said, board, log, limits };
}

test('hot: fewer frames, step by step, with the reason on the board and in the log; cool: all again', async () => {
  const { governor, said, board, log, limits } = govern({ temperatureC: 60.4, throttled: [] });
  await until(() => board.current.governor);
  expect(board.current.governor).toEqual({ state: 'full', fpsLimit: 30, temperatureC: 60, throttled: [] });
  said.strain = { temperatureC: 82, throttled: [] };
  await until(() => (limits.length === 3 ? true : undefined));
  expect(limits).toEqual([19.8, 15, 9.9]);
  const reason = 'The processor is at 82 °C (limit 78); give the device more air or a heat sink';
  expect(board.current.governor).toMatchObject({ state: 'reduced', fpsLimit: 9.9, reason, temperatureC: 82 });
  expect(log.lines[0]).toEqual({ level: 'warn', text: `Looks at fewer frames a second: ${reason}` });
  said.strain = { temperatureC: 50, throttled: [] };
  await until(() => (limits.length === 6 ? true : undefined));
  expect(limits.slice(3)).toEqual([15, 19.8, 30]);
  expect(board.current.governor).toEqual({ state: 'full', fpsLimit: 30, temperatureC: 50, throttled: [] });
  await governor.stop();
  const { looks } = said;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(said.looks).toBe(looks);
});

test('a share of the frames that the camera gives, where those are fewer than were asked for', async () => {
  const { governor, said, board, limits } = govern({ temperatureC: 60 });
  board.update('camera', { state: 'online', fps: 15 });
  said.strain = { throttled: ['throttled'] };
  await until(() => (limits.length === 3 ? true : undefined));
  expect(limits).toEqual([9.9, 7.5, 5]);
  await governor.stop();
});

test('of the fewest frames that may be asked for, a share is not none at all', async () => {
  const { governor, said, board, limits } = govern({ temperatureC: 60 });
  board.update('camera', { state: 'online', fps: 0.1 });
  said.strain = { throttled: ['throttled'] };
  await until(() => (limits.length === 1 && said.looks > 5 ? true : undefined));
  expect(limits).toEqual([0.1]);
  await governor.stop();
});

test('a board that tells nothing has no governor', async () => {
  const { governor, said, board, limits } = govern({});
  await governor.stop();
  expect(said.looks).toBe(1);
  expect(board.current).not.toHaveProperty('governor');
  expect(limits).toEqual([]);
});

test('a rate that is changed while the board is well is the limit from then on, without a word of heat', async () => {
  const { governor, said, board, log, limits } = govern({ temperatureC: 60 });
  await until(() => board.current.governor);
  said.fps = 60;
  await until(() => (limits.length === 1 ? true : undefined));
  expect(limits).toEqual([60]);
  expect(board.current.governor).toMatchObject({ state: 'full', fpsLimit: 60 });
  expect(log.lines).toEqual([]);
  await governor.stop();
});

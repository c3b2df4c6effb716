import { expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { StateBoard } from '../../core/state.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { until } from '../../lab/fixtures/mien.ts';
import type { BoardHealth } from './board-health.ts';
import { Governor } from './governor.ts';

/** A governor of a board with the health that the test sets. Each reading of its clock adds ten minutes. */
function govern(first: BoardHealth) {
  const said = { boardHealth: first, looks: 0, fps: 30 };
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
    control: { limitRate: (fps = Number.NaN) => void limits.push(fps) },
    readBoardHealth: async () => {
      said.looks += 1;
      return said.boardHealth;
    },
    checkMs: 1,
  });
  governor.start();
  return { governor, said, board, log, limits };
}

test('a hot board lowers the rate step by step, with the reason on the state board and in the log; a cool one restores it', async () => {
  const { governor, said, board, log, limits } = govern({ temperatureC: 60.4, throttled: [] });
  await until(() => board.current.governor);
  expect(board.current.governor).toEqual({ state: 'full', fpsLimit: 30, temperatureC: 60, throttled: [] });
  said.boardHealth = { temperatureC: 82, throttled: [] };
  await until(() => (limits.length === 3 ? true : undefined));
  expect(limits).toEqual([19.8, 15, 9.9]);
  const reason = 'The processor is at 82 °C (limit 78); improve the ventilation or add a heat sink';
  expect(board.current.governor).toMatchObject({ state: 'reduced', fpsLimit: 9.9, reason, temperatureC: 82 });
  expect(log.lines[0]).toEqual({ level: 'warn', text: `Analyses fewer frames per second: ${reason}` });
  said.boardHealth = { temperatureC: 50, throttled: [] };
  await until(() => (limits.length === 6 ? true : undefined));
  expect(limits.slice(3)).toEqual([15, 19.8, 30]);
  expect(board.current.governor).toEqual({ state: 'full', fpsLimit: 30, temperatureC: 50, throttled: [] });
  await governor.stop();
  const { looks } = said;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(said.looks).toBe(looks);
});

test('a camera rate below the requested rate is the base of the share', async () => {
  const { governor, said, board, limits } = govern({ temperatureC: 60 });
  board.update('camera', { state: 'online', fps: 15 });
  said.boardHealth = { throttled: ['throttled'] };
  await until(() => (limits.length === 3 ? true : undefined));
  expect(limits).toEqual([9.9, 7.5, 5]);
  await governor.stop();
});

test('a share of the lowest allowed rate does not round to 0', async () => {
  const { governor, said, board, limits } = govern({ temperatureC: 60 });
  board.update('camera', { state: 'online', fps: 0.1 });
  said.boardHealth = { throttled: ['throttled'] };
  await until(() => (limits.length === 1 && said.looks > 5 ? true : undefined));
  expect(limits).toEqual([0.1]);
  await governor.stop();
});

test('a board that reports nothing has no governor', async () => {
  const { governor, said, board, limits } = govern({});
  await governor.stop();
  expect(said.looks).toBe(1);
  expect(board.current).not.toHaveProperty('governor');
  expect(limits).toEqual([]);
});

test('a rate changed on a healthy board becomes the limit, without a warning', async () => {
  const { governor, said, board, log, limits } = govern({ temperatureC: 60 });
  await until(() => board.current.governor);
  said.fps = 60;
  await until(() => (limits.length === 1 ? true : undefined));
  expect(limits).toEqual([60]);
  expect(board.current.governor).toMatchObject({ state: 'full', fpsLimit: 60 });
  expect(log.lines).toEqual([]);
  await governor.stop();
});

import { expect, test } from 'vitest';
import type { BoardHealth } from './board-health.ts';
import { RateSteps } from './rate-steps.ts';

const limits = { hotC: 80, coolByC: 10, stepDownMs: 10_000, stepUpMs: 60_000 };

/** The shares over these seconds, judged once a second. */
function sharesOver(
  steps: RateSteps,
  from: number,
  to: number,
  boardHealth: (second: number) => BoardHealth,
): number[] {
  const shares: number[] = [];
  for (let second = from; second < to; second++) {
    const { share } = steps.judge(boardHealth(second), second * 1000);
    if (share !== shares.at(-1)) shares.push(share);
  }
  return shares;
}

const at = (temperatureC: number) => () => ({ temperatureC });

test('the first step down is immediate, the next ones wait for stepDownMs, and the lowest share is a third', () => {
  const steps = new RateSteps(limits);
  expect(sharesOver(steps, 0, 5, at(79.9))).toEqual([1]);
  expect(sharesOver(steps, 5, 15, at(80))).toEqual([0.66]);
  expect(sharesOver(steps, 15, 25, at(84))).toEqual([0.5]);
  expect(sharesOver(steps, 25, 300, at(84))).toEqual([0.33]);
});

test('it steps up one step at a time, after stepUpMs without a fault', () => {
  const steps = new RateSteps(limits);
  sharesOver(steps, 0, 25, at(85));
  expect(sharesOver(steps, 25, 85, at(69))).toEqual([0.33]);
  expect(sharesOver(steps, 85, 145, at(69))).toEqual([0.5]);
  expect(sharesOver(steps, 145, 205, at(69))).toEqual([0.66]);
  expect(sharesOver(steps, 205, 500, at(69))).toEqual([1]);
});

test('between the limits the share stays, and the wait for a step up restarts', () => {
  const steps = new RateSteps(limits);
  sharesOver(steps, 0, 1, at(80));
  expect(sharesOver(steps, 1, 200, at(75))).toEqual([0.66]);
  expect(sharesOver(steps, 200, 255, at(69))).toEqual([0.66]);
  expect(sharesOver(steps, 255, 256, at(70))).toEqual([0.66]);
  expect(sharesOver(steps, 256, 316, at(69))).toEqual([0.66]);
  expect(sharesOver(steps, 316, 317, at(69))).toEqual([1]);
});

test('a temperature that swings around the limit keeps the share low and steady', () => {
  const steps = new RateSteps(limits);
  expect(sharesOver(steps, 0, 600, (second) => ({ temperatureC: second % 2 ? 79 : 81 }))).toEqual([0.66, 0.5, 0.33]);
});

test.each([
  [['under-voltage', 'throttled'], /too little voltage; use a stronger power supply/],
  [['temperature limit'], /slows itself down \(temperature limit\); check its cooling/],
] as const)('what slows the board down is a reason: %j', (throttled, reason) => {
  const steps = new RateSteps(limits);
  expect(steps.judge({ throttled: [] }, 0)).toEqual({ share: 1 });
  const step = steps.judge({ temperatureC: 50, throttled }, 1000);
  expect(step.share).toBe(0.66);
  expect(step.reason).toMatch(reason);
  // Cool, but still throttled.
  expect(steps.judge({ temperatureC: 50, throttled }, 90_000).share).toBe(0.5);
});

test('the reason stays until the share is 1 again', () => {
  const steps = new RateSteps(limits);
  const reason = 'The processor is at 82 °C (limit 80); improve the ventilation or add a heat sink';
  expect(steps.judge({ temperatureC: 82.4 }, 0)).toEqual({ share: 0.66, reason, code: 'hot' });
  expect(steps.judge({ temperatureC: 60 }, 1000)).toEqual({ share: 0.66, reason, code: 'hot' });
  expect(steps.judge({ temperatureC: 60 }, 61_000)).toEqual({ share: 1 });
});

test('the share stays when the board stops reporting', () => {
  const steps = new RateSteps(limits);
  steps.judge({ temperatureC: 90 }, 0);
  expect(sharesOver(steps, 1, 1000, () => ({}))).toEqual([0.66]);
});

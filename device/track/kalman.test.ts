import { expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import { type AxisState, correctAxis, predictAxis, startAxis } from './kalman.ts';

const model = { memory: 0.7, speed: 4 };

function expectSame(a: AxisState, b: AxisState): void {
  for (const key of ['position', 'velocity', 'pp', 'pv', 'vv'] as const) expect(a[key]).toBeCloseTo(b[key], 10);
}

test('two steps equal one step of their sum', () => {
  const state = correctAxis(predictAxis(startAxis(0, 0.01, model), model, 0.1), 0.7, 0.01);
  expectSame(predictAxis(predictAxis(state, model, 0.05), model, 0.15), predictAxis(state, model, 0.2));
  expectSame(predictAxis(state, model, 0), state);
});

test('estimates a velocity from two measurements, which decays with its time constant', () => {
  const moved = correctAxis(predictAxis(startAxis(0, 1e-6, model), model, 0.1), 0.3, 1e-6);
  expect(moved.position).toBeCloseTo(0.3, 4);
  // Between the average of 3 a second and the rest of it at the end of the step.
  expect(moved.velocity).toBeGreaterThan(2);
  expect(moved.velocity).toBeLessThan(4);
  expect(predictAxis(moved, model, 0.7).velocity).toBeCloseTo(moved.velocity / Math.E, 10);
  expect(predictAxis(moved, model, 1000).position).toBeCloseTo(moved.position + 0.7 * moved.velocity, 6);
});

test('after a long gap the velocity has its prior deviation', () => {
  const state = predictAxis(startAxis(0, 0.01, model), model, 3600);
  expect(Math.sqrt(state.vv)).toBeCloseTo(4, 10);
  // A random walk by then: its deviation grows with the square root of the time.
  expect(Math.sqrt(state.pp)).toBeCloseTo(4 * Math.sqrt(2 * 0.7 * 3600), -1);
});

test('the estimated deviations match the errors against a simulated walk', () => {
  const next = numbersFrom(7);
  // Box and Muller (1958).
  const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const noise = 0.05;
  let position = 0;
  let velocity = model.speed * gauss();
  let state = startAxis(position + noise * gauss(), noise ** 2, model);
  let squares = 0;
  const frames = 5000;
  for (let frame = 0; frame < frames; frame++) {
    const seconds = 0.02 + 0.18 * next();
    // Euler's method in steps of about a millisecond.
    for (let step = 0; step < 100; step++) {
      const dt = seconds / 100;
      position += velocity * dt;
      velocity += (-velocity / model.memory) * dt + model.speed * Math.sqrt((2 * dt) / model.memory) * gauss();
    }
    const predicted = predictAxis(state, model, seconds);
    squares += (position - predicted.position) ** 2 / predicted.pp;
    state = correctAxis(predicted, position + noise * gauss(), noise ** 2);
  }
  // Mean of 5,000 squares of standard normal numbers: 1 +- 0.02.
  expect(squares / frames).toBeGreaterThan(0.93);
  expect(squares / frames).toBeLessThan(1.07);
});

test('stays positive definite over 100,000 updates of any length and precision', () => {
  const next = numbersFrom(3);
  let state = startAxis(300, 1, model);
  for (let frame = 0; frame < 100_000; frame++) {
    const seconds = next() < 0.01 ? 0 : 10 ** (6 * next() - 4);
    state = correctAxis(predictAxis(state, model, seconds), 300 + 10 * next(), 10 ** (6 * next() - 4));
    const sound = state.pp > 0 && state.vv > 0 && state.pp * state.vv >= state.pv ** 2;
    if (!sound || !Number.isFinite(state.position + state.velocity)) throw new Error(JSON.stringify({ frame, state }));
  }
  expect(state.position).toBeGreaterThan(290);
  expect(state.position).toBeLessThan(320);
});

import { expect, test } from 'vitest';
import { face, reading } from '../../lab/fixtures/mqtt-sink.ts';
import { handClock } from '../../lab/fixtures/store.ts';
import { Moment } from './moment.ts';

const sad = { ...face, label: 'sad' };
const unnamed = { ...face, label: 'uncertain' };

function momentOf() {
  const clock = handClock();
  const moment = new Moment(clock);
  const show = (faces: (typeof face)[], ms: number, stepMs = 100) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      moment.add(reading(clock.mono(), ...faces));
      clock.pass(stepMs);
    }
  };
  return { moment, clock, show };
}

test('without a face there are 0 people, no expression and no smiles', () => {
  const { moment } = momentOf();
  expect([moment.people, moment.expression, moment.smiles]).toEqual([0, 'none', null]);
});

test('the expression is the label of most faces; uncertain only without another', () => {
  const { moment, show } = momentOf();
  show([face, sad, sad, unnamed], 100);
  expect([moment.people, moment.expression]).toEqual([4, 'sad']);
  show([unnamed], 100);
  expect(moment.expression).toBe('uncertain');
  show([], 100);
  expect([moment.people, moment.expression]).toEqual([0, 'none']);
});

test('smiles are the share of happy in the named face-time of the last 60 s', () => {
  const { moment, show } = momentOf();
  show([sad, unnamed], 30_000);
  expect(moment.smiles).toBe(0);
  show([face], 10_000);
  expect(moment.smiles).toBe(0.25);
  show([face, face], 10_000);
  expect(moment.smiles).toBe(0.5);
  // The sad half minute leaves the window.
  show([], 40_000);
  expect(moment.smiles).toBe(1);
  show([], 20_100);
  expect(moment.smiles).toBeNull();
});

test('a face counts for at most a second after its last reading', () => {
  const { moment, clock, show } = momentOf();
  show([sad], 1000);
  clock.pass(30_000);
  show([face], 2000);
  // 0.9 s and 1 s of sad, 1.9 s and the last 0.1 s of happy.
  expect(moment.smiles).toBeCloseTo(2 / 3.9, 2);
});

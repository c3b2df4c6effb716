import { expect, test } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import type { Face, Visit } from '../../core/types.ts';
import { readingPayload, statePayload, visitPayload } from './payloads.ts';

test('an abstention is published as a label, with the probabilities that it is about and no others', () => {
  const face: Face = {
    track: 1,
    box: { x: 1, y: 2, width: 40, height: 40 },
    score: 0.9,
    label: 'uncertain',
    probabilities: { happy: 0.34, sad: 0.33, neutral: 0.33 },
    reject: 0.12,
  };
  const reading = { frame: 1, t: 0, ts: 1_700_000_000_000, mono: 0, width: 640, height: 480, faces: [face] };
  const [published] = readingPayload(reading).faces;
  expect(published).toEqual({
    track: 1,
    box: face.box,
    score: 0.9,
    label: 'uncertain',
    probabilities: { happy: 0.34, sad: 0.33, neutral: 0.33 },
  });
});

test('the share of a visit that was uncertain stands beside the others', () => {
  const visit: Visit = {
    id: 'boot-1',
    bootId: 'boot',
    seq: 1,
    track: 1,
    startedAt: 1_700_000_000_000,
    endedAt: 1_700_000_001_000,
    dwellMs: 1000,
    dominant: 'happy',
    shares: { happy: 0.25, sad: 0, uncertain: 0.75 },
    strongest: { label: 'happy', probability: 0.8, ts: 1_700_000_000_500 },
    confidence: 0.7,
    frames: 25,
  };
  expect(visitPayload(visit, false)).toMatchObject({
    dominant: 'happy',
    shares: { happy: 0.25, sad: 0, uncertain: 0.75 },
    confidence: 0.7,
  });
});

test('what the board says of its strain stands in the state, where it says anything', () => {
  const board = new StateBoard('demo');
  expect(statePayload(board.current, '1.2.3')).not.toHaveProperty('governor');
  board.update('governor', { state: 'reduced', fpsLimit: 19.8, reason: 'hot', temperatureC: 82, throttled: [] });
  board.update('governor', { throttled: ['under-voltage', 'throttled'] });
  expect(statePayload(board.current, '1.2.3').governor).toEqual({
    state: 'reduced',
    fps_limit: 19.8,
    reason: 'hot',
    temperature_c: 82,
    throttled: ['under-voltage', 'throttled'],
  });
});

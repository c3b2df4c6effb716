import { expect, test } from 'vitest';
import type { DeviceState } from '../../core/state.ts';
import { isNews } from './news.ts';

const state: DeviceState = {
  camera: { state: 'online', source: '/dev/video0', width: 640, height: 480, fps: 30 },
  vision: {
    state: 'running',
    labels: ['angry', 'happy'],
    fps: 29.8,
    droppedFps: 0,
    latencyMs: 14.2,
    memoryMb: 150,
    restarts: 0,
  },
  governor: { state: 'full', fpsLimit: 30, temperatureC: 61, throttled: [] },
  store: { state: 'ok' },
  mqtt: { state: 'connected' },
};
const { camera, vision, governor } = state;

test('the first state is news, and the same one is not', () => {
  expect(isNews(state, undefined)).toBe(true);
  expect(isNews(structuredClone(state), state)).toBe(false);
});

test.each<[string, DeviceState]>([
  ['frames a second', { ...state, vision: { ...vision, fps: 27 } }],
  ['a latency', { ...state, vision: { ...vision, latencyMs: 15.2 } }],
  ['memory', { ...state, vision: { ...vision, memoryMb: 165 } }],
  ['a temperature', { ...state, governor: { ...governor!, temperatureC: 66 } }],
])('%s that moved by 1 or a tenth is none', (_what, now) => {
  expect(isNews(now, state)).toBe(false);
});

test.each<[string, DeviceState]>([
  ['a figure that moved further', { ...state, vision: { ...vision, fps: 26 } }],
  ['a figure that was not known', { ...state, vision: { ...vision, fps: undefined } }],
  ['a count that moved by one', { ...state, vision: { ...vision, restarts: 1 } }],
  ['a rate that the camera promises', { ...state, camera: { ...camera, fps: 31 } }],
  ['a size by one pixel', { ...state, camera: { ...camera, width: 641 } }],
  ['a word', { ...state, camera: { ...camera, state: 'lost' } }],
  ['a reason that came', { ...state, store: { state: 'ok', reason: 'full' } }],
  ['an item more', { ...state, governor: { ...governor!, throttled: ['under-voltage'] } }],
  ['a part that has gone', { ...state, governor: undefined }],
])('%s is', (_what, now) => {
  expect(isNews(now, state)).toBe(true);
});

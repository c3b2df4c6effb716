import { describe, expect, test } from 'vitest';
import type { DeviceState } from '../../../../device/core/state.ts';
import { type Evidence, judge, staleMs } from './condition.ts';

function state(
  camera: DeviceState['camera']['state'],
  vision: DeviceState['vision']['state'] = 'running',
): DeviceState {
  return {
    camera: { state: camera, source: 'demo', ...(camera === 'lost' && { reason: '/dev/video0', code: 'camera-busy' }) },
    vision: { state: vision, restarts: 0 },
    store: { state: 'ok' },
    mqtt: { state: 'connected' },
  };
}

const now = 100_000;
const live: Evidence = { connected: true, state: state('online'), drawnAt: now - 30, now };

const starting = state('starting', 'restarting');
const broken: DeviceState = {
  ...starting,
  vision: { ...starting.vision, code: 'model-missing', warning: 'Model missing: a.onnx. Restore it' },
};

describe('the condition of the picture', () => {
  test('live until two seconds after the last frame, then stale and aging', () => {
    expect(judge(live)).toEqual({ kind: 'live' });
    expect(judge({ ...live, now: live.drawnAt! + staleMs })).toEqual({ kind: 'live' });
    expect(judge({ ...live, now: live.drawnAt! + staleMs + 1 })).toEqual({ kind: 'stale', ageSeconds: 2 });
    expect(judge({ ...live, now: live.drawnAt! + 61_500 })).toEqual({ kind: 'stale', ageSeconds: 61 });
  });

  test('a source with a low frame rate stays live between its frames', () => {
    const { camera, ...rest } = state('online');
    const slow: Evidence = { ...live, state: { camera: { ...camera, fps: 0.1 }, ...rest } };
    expect(judge({ ...slow, now: slow.drawnAt! + 22_000 })).toEqual({ kind: 'live' });
    expect(judge({ ...slow, now: slow.drawnAt! + 22_001 })).toEqual({ kind: 'stale', ageSeconds: 22 });
  });

  test.each<[string, Partial<Evidence>, object]>([
    [
      'before the first word of the daemon',
      { connected: false, state: undefined, drawnAt: undefined },
      { kind: 'connecting' },
    ],
    ['the daemon has gone', { connected: false, drawnAt: now - 9000 }, { kind: 'gone', ageSeconds: 9 }],
    ['the daemon has gone just now: nothing is live any more', { connected: false }, { kind: 'gone', ageSeconds: 0 }],
    ['a lost camera says why', { state: state('lost') }, { kind: 'lost', code: 'camera-busy' }],
    ['the operator has paused it', { state: state('paused') }, { kind: 'paused' }],
    ['no picture yet', { drawnAt: undefined }, { kind: 'starting' }],
    ['the device loads its networks', { state: state('loading', 'starting'), drawnAt: undefined }, { kind: 'loading' }],
    ['it loads them again', { state: state('loading', 'restarting'), drawnAt: now - 9000 }, { kind: 'loading' }],
    ['its last frame is fresh while it measures', { state: state('loading') }, { kind: 'live' }],
    ['the camera starts again', { state: state('starting'), drawnAt: now - 9000 }, { kind: 'starting' }],
    [
      'the vision process restarts',
      { state: state('online', 'restarting'), drawnAt: now - 9000 },
      { kind: 'restarting' },
    ],
    ['a model is missing', { state: broken, drawnAt: undefined }, { kind: 'model', code: 'model-missing' }],
    ['a recording has ended', { state: state('ended'), drawnAt: now - 9000 }, { kind: 'ended' }],
    ['its last frame is still fresh', { state: state('ended') }, { kind: 'live' }],
  ])('%s', (_name, change, expected) => {
    expect(judge({ ...live, ...change })).toEqual(expected);
  });
});

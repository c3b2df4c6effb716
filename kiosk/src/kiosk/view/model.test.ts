import { describe, expect, test } from 'vitest';
import type { Face, Reading } from '../../../../device/core/types.ts';
import { inviteAfterMs, KioskModel } from './model.ts';

function face(track: number, x: number, size: number, label = 'happy'): Face {
  return { track, box: { x, y: 10, width: size, height: size }, score: 1, label, probabilities: { [label]: 0.9 } };
}

function reading(faces: readonly Face[], width = 640): Reading {
  return { frame: 1, t: 0, ts: 0, mono: 0, width, height: 480, faces, happyShare: null };
}

const device = {
  state: {
    camera: { state: 'online', source: 'demo', width: 1280, height: 720 },
    vision: { state: 'running', restarts: 0 },
    store: { state: 'ok' },
    mqtt: { state: 'disabled' },
  },
} as never;

function start() {
  const clock = { time: 1000 };
  const model = new KioskModel({ now: () => clock.time });
  model.connected(true);
  model.updateDevice(device);
  return { clock, model };
}

describe('the kiosk model', () => {
  test('faces stand from left to right; the largest is the nearest', () => {
    const { model } = start();
    model.drawn(reading([face(1, 400, 90), face(2, 10, 50), face(3, 200, 60)], 960));
    const view = model.view();
    expect(view.faces.map(({ track }) => track)).toEqual([2, 3, 1]);
    expect(view.nearest?.track).toBe(1);
    expect(view.ratio).toBe(2);
  });

  test('of two faces of similar size the nearest stays the same until the other is clearly larger', () => {
    const { model } = start();
    model.drawn(reading([face(1, 0, 100), face(2, 300, 98)]));
    expect(model.view().nearest?.track).toBe(1);
    model.drawn(reading([face(1, 0, 100), face(2, 300, 108)]));
    expect(model.view().nearest?.track).toBe(1);
    model.drawn(reading([face(1, 0, 100), face(2, 300, 120)]));
    expect(model.view().nearest?.track).toBe(2);
    model.drawn(reading([face(1, 0, 100)]));
    expect(model.view().nearest?.track).toBe(1);
  });

  test('a face that is missed in one frame stays; a face that has left disappears', () => {
    const { clock, model } = start();
    model.drawn(reading([face(1, 0, 100)]));
    clock.time += 500;
    model.drawn(reading([]));
    expect(model.view().faces).toHaveLength(1);
    clock.time += 200;
    model.drawn(reading([]));
    expect(model.view().faces).toHaveLength(0);
  });

  test('a picture that is not live has no faces', () => {
    const { clock, model } = start();
    model.drawn(reading([face(1, 0, 100)]));
    clock.time += 2100;
    expect(model.view()).toMatchObject({ condition: { kind: 'stale' }, faces: [], nearest: undefined });
    model.connected(false);
    expect(model.view().condition.kind).toBe('gone');
  });

  test('invites from the first picture without a person, and again a while after the last person has left', () => {
    const { clock, model } = start();
    expect(model.view().inviting).toBe(false);
    model.drawn(reading([]));
    expect(model.view().inviting).toBe(true);
    model.drawn(reading([face(1, 0, 100)]));
    expect(model.view().inviting).toBe(false);
    clock.time += inviteAfterMs - 1;
    model.drawn(reading([]));
    expect(model.view()).toMatchObject({ inviting: false, faces: [] });
    clock.time += 1;
    expect(model.view().inviting).toBe(true);
  });

  test('before the first picture the shape is that of the camera', () => {
    const { model } = start();
    expect(model.view().ratio).toBe(16 / 9);
    model.drawn(reading([], 640));
    model.updateDevice(device);
    expect(model.view().ratio).toBe(640 / 480);
  });

  test('the view is the same object until something changes', () => {
    const { clock, model } = start();
    model.drawn(reading([]));
    const view = model.view();
    clock.time += 100;
    expect(model.view()).toBe(view);
    clock.time += 2100;
    expect(model.view()).not.toBe(view);
  });
});

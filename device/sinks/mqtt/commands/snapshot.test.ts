import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../core/control.ts';
import { StateBoard } from '../../../core/state.ts';
import type { LiveFrame } from '../../../core/types.ts';
import { numberedFrame } from '../../../lab/fixtures/http-fixture.ts';
import { Snapshots } from './snapshot.ts';

const actor = { source: 'mqtt' } as const;

function setUp({ isAllowed = true, timeoutMs = 1000 } = {}) {
  const board = new StateBoard('demo');
  board.update('camera', { state: 'online' });
  const listeners = new Set<(frame: LiveFrame) => void>();
  const live = {
    subscribe: (_kind: string, listener: (frame: LiveFrame) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const records: AuditRecord[] = [];
  const pause = { isSet: false };
  const snapshots = new Snapshots({
    ...{ isAllowed, live, board, timeoutMs, isPaused: () => pause.isSet },
    ...{ audit: (record) => records.push(record), clock: { now: () => 5, mono: () => 0 } },
  });
  const emit = (frame: LiveFrame) => {
    for (const listener of listeners) listener(frame);
  };
  return { snapshots, board, emit, listeners, records, pause };
}

test('a snapshot is the next frame in base64; afterwards nothing is encoded any more', async () => {
  const { snapshots, emit, listeners } = setUp();
  const taken = snapshots.take(actor);
  const frame = numberedFrame(7);
  emit(frame);
  expect(await taken).toEqual({ frame: 7, ts: frame.reading.ts, jpeg: Buffer.from(frame.jpeg).toString('base64') });
  expect(listeners.size).toBe(0);
});

test('each refusal says why and what to do', async () => {
  await expect(setUp({ isAllowed: false }).snapshots.take(actor)).rejects.toMatchObject({
    message: 'This device sends no pictures over MQTT',
    remedy: 'Set mqtt.snapshots: true',
  });

  const { snapshots, board, emit, listeners } = setUp();
  const first = snapshots.take(actor);
  await expect(snapshots.take(actor)).rejects.toMatchObject({
    message: 'A snapshot is already in progress',
    remedy: 'Wait for its response, then ask again',
  });
  emit(numberedFrame(1, 600_000));
  await expect(first).rejects.toMatchObject({
    message: 'Expected a picture of at most 500000 bytes, got 600000',
    remedy: 'Lower camera.width or http.jpegQuality',
  });

  board.update('camera', { state: 'lost', reason: 'Unplugged. Plug it in' });
  await expect(snapshots.take(actor)).rejects.toMatchObject({
    message: 'The camera is not online but lost',
    remedy: 'Unplugged. Plug it in',
  });
  expect(listeners.size).toBe(0);

  await expect(setUp({ timeoutMs: 1 }).snapshots.take(actor)).rejects.toMatchObject({
    message: 'The camera is online, but no frame came in time',
    remedy: 'Ask again',
  });
});

test('no picture leaves while the camera is paused, also if the pause comes while it is taken', async () => {
  const paused = { message: 'An operator has paused the camera', remedy: 'Resume it: request/resume' };
  const { snapshots, board, emit } = setUp();
  const taken = snapshots.take(actor);
  board.update('camera', { state: 'paused' });
  emit(numberedFrame(7));
  await expect(taken).rejects.toMatchObject(paused);
  await expect(snapshots.take(actor)).rejects.toMatchObject(paused);
});

test('no picture leaves between the request to pause and the closed camera', async () => {
  const { snapshots, emit, pause, board } = setUp();
  const taken = snapshots.take(actor);
  pause.isSet = true;
  emit(numberedFrame(7));
  await expect(taken).rejects.toMatchObject({ message: 'An operator has paused the camera' });
  await expect(snapshots.take(actor)).rejects.toMatchObject({ message: 'An operator has paused the camera' });
  expect(board.current.camera.state).toBe('online');
});

test('each picture, and each refusal, is audited', async () => {
  const { snapshots, emit, records, pause } = setUp();
  const taken = snapshots.take(actor);
  emit(numberedFrame(7));
  await taken;
  pause.isSet = true;
  await expect(snapshots.take(actor)).rejects.toThrow();
  const record = { ts: 5, actor, action: 'snapshot' };
  expect(records).toEqual([
    { ...record, outcome: 'done', details: { frame: 7 } },
    { ...record, outcome: 'failed', reason: 'An operator has paused the camera. Resume it: request/resume' },
  ]);
});

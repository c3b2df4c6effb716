import { afterEach, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { eventually, fixture, json, numberedFrame } from '../lab/fixtures/http-fixture.ts';

describe('snapshot', () => {
  afterEach(() => vi.useRealTimers());

  test('gets one annotated frame and unsubscribes at once', async () => {
    const { app, live } = fixture();
    const asked = app.request('/snapshot.jpg');
    await eventually(() => live.subscribers('annotated') === 1, 'the viewer subscribes');
    live.emit(numberedFrame(12));
    const response = await asked;
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-frame')).toBe('12');
    expect(Buffer.from(await response.arrayBuffer()).readUInt32BE(0)).toBe(12);
    expect(live.subscribers('annotated')).toBe(0);
  });

  test('waits for the interval between two frames of the camera', async () => {
    const { app, live } = fixture({
      config: configSchema.parse({ camera: { fps: 0.1 } }),
      snapshotTimeoutMs: 1,
    });
    const asked = app.request('/snapshot.jpg');
    await eventually(() => live.subscribers('annotated') === 1, 'the viewer subscribes');
    await new Promise((resolve) => setTimeout(resolve, 50));
    live.emit(numberedFrame(3));
    expect((await asked).headers.get('x-frame')).toBe('3');
  });

  test.each([
    ['the governor', 'governor', { state: 'reduced', fpsLimit: 0.1 }],
    ['the source', 'camera', { fps: 0.1 }],
  ] as const)(
    'waits for the frame interval that %s sets, also if it changes meanwhile',
    async (_name, part, change) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      const { app, board, live } = fixture();
      const asked = [app.request('/snapshot.jpg'), app.request('/snapshot.jpg')];
      await vi.advanceTimersByTimeAsync(1900);
      expect(live.subscribers('annotated')).toBe(2);
      board.update(part, change);
      asked.push(app.request('/snapshot.jpg'));
      await vi.advanceTimersByTimeAsync(10_000);
      live.emit(numberedFrame(3));
      for (const response of await Promise.all(asked)) expect(response.headers.get('x-frame')).toBe('3');
      const inVain = app.request('/snapshot.jpg');
      await vi.advanceTimersByTimeAsync(12_000);
      expect((await inVain).status).toBe(503);
    },
  );

  test('without a frame in time the answer says why', async () => {
    const { app, board, live } = fixture({ snapshotTimeoutMs: 20 });
    expect(await json(app.request('/snapshot.jpg'))).toMatchObject({
      status: 503,
      detail: expect.stringContaining('no frame came'),
    });
    board.update('camera', { state: 'lost', reason: 'Cannot open rtsp://u:p@ss@cam/1. Check the address.' });
    const response = await app.request('/snapshot.jpg');
    expect(response.status).toBe(503);
    expect(await json(response)).toMatchObject({
      detail: 'The camera is lost: Cannot open rtsp://***@cam/1. Check the address.',
    });
    expect(live.subscribers('annotated')).toBe(0);
  });

  test.each([
    ['paused', 'An operator has paused the camera', 'Resume it: POST /api/v1/control/resume'],
    ['ended', 'The recording has ended', 'Play it again: PATCH /api/v1/settings with {"camera":{"loop":true}}'],
  ] as const)('%s: answers 409 with the remedy, because waiting does not help', async (state, detail, remedy) => {
    const { app, board } = fixture({ snapshotTimeoutMs: 20 });
    board.update('camera', { state });
    const response = await app.request('/snapshot.jpg');
    expect(response.status).toBe(409);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await json(response)).toMatchObject({ title: 'No picture', detail, remedy });
  });
});

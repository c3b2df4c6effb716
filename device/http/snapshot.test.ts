import { afterEach, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { eventually, fixture, json, numberedFrame } from '../lab/fixtures/http-fixture.ts';

describe('snapshot', () => {
  afterEach(() => vi.useRealTimers());

  test('one annotated frame, and the source is left at once', async () => {
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

  test('waits as long as the camera takes from one frame to the next', async () => {
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
    'waits as long as %s makes it, also where that comes about in the meantime',
    async (_who, part, change) => {
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

  test('without a frame in time: says why', async () => {
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
    ['paused', 'The camera is paused by an operator', 'Resume it: POST /api/v1/control/resume'],
    ['ended', 'The recording has ended', 'Play it again: PATCH /api/v1/settings with {"camera":{"loop":true}}'],
  ] as const)('%s: that is no fault, and somebody has to do something', async (state, detail, remedy) => {
    const { app, board } = fixture({ snapshotTimeoutMs: 20 });
    board.update('camera', { state });
    const response = await app.request('/snapshot.jpg');
    expect(response.status).toBe(409);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await json(response)).toMatchObject({ title: 'No picture', detail, remedy });
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import type { Sample } from '../core/types.ts';
import { eventually, FakeClock, fixture, labels, makeReading, numberedFrame } from '../lab/fixtures/http-fixture.ts';

async function json(response: Response | Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await response).json()) as Record<string, unknown>;
}

describe('who may ask', () => {
  test.each(['localhost:8080', 'LOCALHOST', '127.0.0.1:1234', '[::1]:8080', '[::1]'])(
    '%s is this device',
    async (host) => {
      const { app } = fixture();
      expect((await app.request('/api/v1/state', { headers: { host } })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '192.168.1.5:8080',
    '',
  ])('a request to %j is refused: it may come through a rebound name', async (host) => {
    const { app } = fixture();
    for (const path of ['/', '/live', '/snapshot.jpg', '/stream.mjpeg', '/api/v1/state', '/healthz']) {
      const response = await app.request(path, { headers: { host } });
      expect(response.status).toBe(403);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  test('only GET and HEAD', async () => {
    const { app } = fixture();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await app.request('/api/v1/state', { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
    expect((await app.request('/api/v1/state', { method: 'HEAD' })).status).toBe(200);
  });

  test('a HEAD of a stream opens none', async () => {
    const { app, live } = fixture();
    expect((await app.request('/stream.mjpeg', { method: 'HEAD' })).status).toBe(200);
    expect((await app.request('/snapshot.jpg', { method: 'HEAD' })).status).toBe(200);
    expect(live.subscribers('annotated')).toBe(0);
  });

  test('every answer carries the safe headers and none allows another origin', async () => {
    const { app } = fixture();
    for (const path of ['/', '/api/v1/state', '/nowhere', '/healthz']) {
      const { headers } = await app.request(path, { headers: { origin: 'http://evil.example' } });
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('a WebSocket is refused to a page of another origin, and to a sandboxed one', async () => {
    const { app } = fixture();
    for (const origin of ['http://evil.example', 'http://localhost:3000', 'null']) {
      const response = await app.request('/live', {
        headers: { origin, host: 'localhost:8080', upgrade: 'websocket' },
      });
      expect(response.status).toBe(403);
    }
    expect((await app.request('/live')).status).toBe(426);
  });
});

describe('state and reading', () => {
  test('the state names the device, its version and what it shows, without passwords', async () => {
    const { app, board } = fixture();
    board.update('camera', {
      source: 'rtsp://admin:s3cret@10.0.0.7/stream',
      reason: 'cannot open rtsp://admin:s3cret@10.0.0.7',
    });
    const response = await app.request('/api/v1/state');
    const text = await response.text();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(text)).toMatchObject({
      version: '1.2.3',
      bootId: 'boot-1',
      device: { name: 'lobby-1' },
      kiosk: { title: 'Mien' },
      labels: [...labels],
      state: { camera: { state: 'online', source: 'rtsp://***@10.0.0.7/stream' }, mqtt: { state: 'disabled' } },
      live: { viewers: 0, dropped: 0 },
    });
    expect(text).not.toContain('s3cret');
  });

  test('the newest reading, or why there is none', async () => {
    const made = fixture();
    const none = await made.app.request('/api/v1/reading');
    expect(none.status).toBe(503);
    expect(await json(none)).toMatchObject({ title: 'No reading yet' });
    made.latest = makeReading(41);
    expect(await json(made.app.request('/api/v1/reading'))).toEqual(makeReading(41));
  });
});

describe('history', () => {
  const clock = new FakeClock();
  const sample = (ts: number): Sample => ({
    ts,
    track: 1,
    label: 'happy',
    probability: 0.9,
    probabilities: { happy: 1 },
    happyShare: 0.75,
    score: 1,
    frames: 30,
  });
  const unnamed = (ts: number): Sample => ({
    ...sample(ts),
    label: 'uncertain',
    reason: 'dark',
    probability: null,
    happyShare: null,
  });

  test('the last minutes, up to and including now', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(clock.time - 120_001), sample(clock.time - 60_000), sample(clock.time));
    const body = await json(app.request('/api/v1/samples?minutes=2'));
    expect(body).toMatchObject({ truncated: false, samples: [sample(clock.time), sample(clock.time - 60_000)] });
  });

  test('from and to, as milliseconds or as a time', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(999), sample(1000), sample(2000));
    const body = await json(app.request('/api/v1/samples?from=1000&to=1970-01-01T00:00:02Z'));
    expect(body).toMatchObject({ from: 1000, to: 2000, samples: [sample(1000)] });
  });

  test('a cut answer says so, and holds the newest', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(1), sample(2), sample(3));
    expect(await json(app.request('/api/v1/samples?from=0&to=9&limit=2'))).toMatchObject({
      truncated: true,
      samples: [sample(3), sample(2)],
    });
    expect(await json(app.request('/api/v1/samples?from=0&to=9&limit=3'))).toMatchObject({ truncated: false });
  });

  test('visits in the same way', async () => {
    const { app, visits } = fixture({ clock });
    const visit = { id: 'b-1', startedAt: clock.time - 1000 } as never;
    visits.push(visit);
    expect(await json(app.request('/api/v1/visits?minutes=1'))).toMatchObject({ visits: [visit] });
  });

  test.each([
    ['minutes=0', 'minutes', 'a whole number from 1 to 44640'],
    ['minutes=1e3', 'minutes', 'a whole number from 1 to 44640'],
    ['minutes=', 'minutes', 'a whole number from 1 to 44640'],
    ['minutes=5&from=1', 'minutes', 'either minutes, or from and to'],
    ['from=yesterday', 'from', 'milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z'],
    ['from=5&to=5', 'from', 'a time before to'],
    ['limit=10001', 'limit', 'a whole number from 1 to 10000'],
    ['hours=1', 'hours', 'one of minutes, from, to, label, limit, cursor, format'],
  ])('%s is refused with what was expected', async (query, path, expected) => {
    const { app } = fixture({ clock });
    for (const table of ['samples', 'visits']) {
      const response = await app.request(`/api/v1/${table}?${query}`);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect((await json(response)).errors).toEqual([{ path, value: expect.any(String), expected }]);
    }
  });

  test('pages lead back in time; an answer that has not changed is not sent again', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(1), sample(2), { ...sample(3), label: 'sad' });
    const ask = (query: string) => json(app.request(`/api/v1/samples?from=0&to=9&${query}`));
    const first = await ask('limit=2');
    expect(first.samples).toMatchObject([{ ts: 3 }, { ts: 2 }]);
    expect(await ask(`limit=2&cursor=${first.next}`)).toMatchObject({ truncated: false, samples: [{ ts: 1 }] });
    expect((await ask('label=sad')).samples).toMatchObject([{ ts: 3 }]);
    expect((await ask('cursor=last')).errors).toMatchObject([{ path: 'cursor', value: 'last' }]);

    const tag = (await app.request('/api/v1/samples?from=0&to=9')).headers.get('etag')!;
    const headers = { 'if-none-match': tag };
    const again = await app.request('/api/v1/samples?from=0&to=9', { headers });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
    samples.push(sample(4));
    expect((await app.request('/api/v1/samples?from=0&to=9', { headers })).status).toBe(200);
  });

  test('as CSV: all rows of the range, newest first, as a download', async () => {
    const { app, samples } = fixture({ clock });
    for (let ts = 0; ts < 2499; ts += 1) samples.push(sample(ts));
    samples.push(unnamed(2499));
    const response = await app.request('/api/v1/samples?from=0&to=5000&format=csv');
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="samples.csv"');
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2501);
    expect(lines[0]).toBe('time,track,label,reason,probability,happy_share,score,frames,happy');
    expect(lines[1]).toBe('1970-01-01T00:00:02.499Z,1,uncertain,dark,,,1,30,1');
    expect(lines[2]).toBe('1970-01-01T00:00:02.498Z,1,happy,,0.9,0.75,1,30,1');
    expect(new Set(lines).size).toBe(2501);
    const page = await json(app.request('/api/v1/samples?from=0&to=5000&limit=3'));
    const times = (page.samples as { ts: number }[]).map(({ ts }) => new Date(ts).toISOString());
    expect(lines.slice(1, 4).map((line) => line.split(',')[0])).toEqual(times);
  });

  test('visits as CSV: a visit without a named moment has empty cells', async () => {
    const { app, visits } = fixture({ clock });
    const strongest = { label: 'happy', probability: 0.9, ts: 5 };
    const stay = { startedAt: 5, endedAt: 9, dwellMs: 4, frames: 2 };
    const none = { strongest: null, confidence: null, happyShare: null };
    visits.push(
      { ...stay, id: 'b-1', dominant: 'uncertain', reasons: { small: 0.25, dark: 0.75 }, ...none } as never,
      {
        ...stay,
        id: '=1+1',
        dominant: 'a "b", c',
        reasons: {},
        strongest,
        confidence: 0.8,
        happyShare: 0.5,
        cut: true,
      } as never,
    );
    const table = await (await app.request('/api/v1/visits?from=0&to=9&format=csv')).text();
    const times = '1970-01-01T00:00:00.005Z,1970-01-01T00:00:00.009Z,4';
    expect(table.trimEnd().split('\r\n')).toEqual([
      'id,start,end,dwell_ms,dominant,confidence,happy_share,frames,strongest,strongest_probability,uncertain_small,uncertain_turned,uncertain_dark,uncertain_blurred,uncertain_covered,uncertain_ambiguous,cut',
      `'=1+1,${times},"a ""b"", c",0.8,0.5,2,happy,0.9,,,,,,,true`,
      `b-1,${times},uncertain,,,2,,,0.25,,0.75,,,,`,
    ]);
  });

  test('by hour and day, also where nothing was logged', async () => {
    const { app, samples, visits } = fixture({ clock });
    const start = Date.parse('2026-03-29T00:00Z');
    samples.push(sample(start), { ...sample(start + 1000), label: 'sad' }, unnamed(start + 2000));
    samples.push(unnamed(start + 3_600_000), sample(start + 7_200_000));
    visits.push({ startedAt: start + 1000, dwellMs: 1500, dominant: 'sad' } as never);
    const hours = await json(
      app.request('/api/v1/history?bucket=hour&from=2026-03-29T00:00Z&to=2026-03-29T03:00Z&tz=UTC'),
    );
    expect(hours.buckets).toEqual([
      {
        start,
        end: start + 3_600_000,
        samples: 3,
        counts: { happy: 1, sad: 1, uncertain: 1 },
        happyShare: 0.5,
        visits: 1,
        dwellMs: 1500,
      },
      {
        start: start + 3_600_000,
        end: start + 7_200_000,
        samples: 1,
        counts: { uncertain: 1 },
        happyShare: null,
        visits: 0,
        dwellMs: 0,
      },
      {
        start: start + 7_200_000,
        end: start + 10_800_000,
        samples: 1,
        counts: { happy: 1 },
        happyShare: 1,
        visits: 0,
        dwellMs: 0,
      },
    ]);
    // Two of the three samples with a name, in all three hours together.
    expect(hours.happyShare).toBe(0.6667);
    const berlin = '/api/v1/history?bucket=day&from=2026-03-29T10:00Z&to=2026-03-29T11:00Z&tz=Europe/Berlin';
    const days = (await json(app.request(berlin))) as { buckets: { start: number; end: number; samples: number }[] };
    expect(days.buckets).toMatchObject([{ start: start - 3_600_000, end: start + 22 * 3_600_000, samples: 5 }]);
    const table = await (await app.request(`${berlin}&format=csv`)).text();
    expect(table.trimEnd().split('\r\n')).toEqual([
      'start,end,visits,dwell_ms,samples,happy_share,happy,sad,uncertain',
      '2026-03-28T23:00:00.000Z,2026-03-29T22:00:00.000Z,1,1500,5,0.6667,2,1,2',
    ]);
  });

  test('the rows of one label alone have no share of happy; nor has a day on which nobody had a name', async () => {
    const { app, samples } = fixture({ clock });
    const day = '/api/v1/history?bucket=day&from=1970-01-01T00:00Z&to=1970-01-02T00:00Z&tz=UTC';
    samples.push(unnamed(0));
    expect(await json(app.request(day))).toMatchObject({
      happyShare: null,
      buckets: [{ happyShare: null, samples: 1 }],
    });
    samples.push(sample(1));
    expect(await json(app.request(day))).toMatchObject({ happyShare: 1, buckets: [{ happyShare: 1, samples: 2 }] });
    expect(await json(app.request(`${day}&label=happy`))).toMatchObject({
      happyShare: null,
      buckets: [{ happyShare: null, counts: { happy: 1 } }],
    });
  });

  test.each([
    ['bucket=year', 'bucket', 'one of minute, hour, day, week'],
    ['bucket=day&tz=Mars/Olympus', 'tz', 'a time zone such as Europe/Berlin'],
    ['bucket=minute&from=0', 'from', 'at most 1500 buckets of a minute'],
  ])('history?%s is refused with what was expected', async (query, path, expected) => {
    const response = await fixture({ clock }).app.request(`/api/v1/history?${query}`);
    expect(response.status).toBe(400);
    expect((await json(response)).errors).toMatchObject([{ path, expected }]);
  });

  test('all mistakes at once', async () => {
    const { app } = fixture({ clock });
    const body = await json(app.request('/api/v1/samples?minutes=x&limit=0&hours=1'));
    expect(body.errors).toHaveLength(3);
  });

  test('a failing database is a problem, without its inner life', async () => {
    const history = {
      keys: () => {
        throw new Error('SQLITE_CORRUPT at /secret/path');
      },
      samples: () => ({ rows: [] }),
      visits: () => ({ rows: [] }),
      summary: () => ({ samples: 0, counts: {}, visits: 0, dwellMs: 0 }),
    };
    const response = await fixture({ history }).app.request('/api/v1/samples');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('SQLITE');
  });
});

describe('/healthz', () => {
  test('fails when frames stop although the camera counts as online, and recovers', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.latest = makeReading(1);
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 7900;
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 200;
    const failing = await made.app.request('/healthz');
    expect(failing.status).toBe(503);
    expect(await json(failing)).toMatchObject({
      status: 'failing',
      reasons: ['no new frame for 8 s although the camera counts as online'],
      camera: { state: 'online' },
      version: '1.2.3',
    });
    made.latest = makeReading(2);
    expect(await json(made.app.request('/healthz'))).toMatchObject({
      status: 'ok',
      frames: { frame: 2, unchangedMs: 0 },
    });
  });

  test('a source that is slow by design is given the time of two frames more', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.board.update('camera', { fps: 0.1 });
    made.latest = makeReading(1);
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 27_900;
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 200;
    expect((await made.app.request('/healthz')).status).toBe(503);
  });

  test('a lost camera that is worked on is degraded, not failing; waiting counts from when it is back', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.latest = makeReading(1);
    made.board.update('camera', { state: 'lost', reason: 'unplugged; plug it in' });
    clock.time += 3_600_000;
    const lost = await made.app.request('/healthz');
    expect(lost.status).toBe(200);
    expect(await json(lost)).toMatchObject({ status: 'degraded', reasons: ['camera lost: unplugged; plug it in'] });
    clock.time += 3_600_000;
    made.board.update('camera', { state: 'online', reason: undefined });
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 9000;
    expect((await made.app.request('/healthz')).status).toBe(503);
  });

  test('a start may take a minute', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.board.update('vision', { state: 'starting' });
    clock.time += 59_000;
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 2000;
    expect((await made.app.request('/healthz')).status).toBe(503);
  });

  test('names what is degraded', async () => {
    const made = fixture();
    made.latest = makeReading(1);
    made.board.update('vision', { warning: 'Haar cascade in use. Run: mien models pull' });
    made.board.update('governor', { state: 'reduced', fpsLimit: 15, reason: 'The processor is at 82 °C; give it air' });
    made.board.update('store', { state: 'failing', reason: 'disk full' });
    made.board.update('mqtt', { state: 'offline', reason: 'mqtt://u:p@broker refused' });
    expect(await json(made.app.request('/healthz'))).toMatchObject({
      status: 'degraded',
      reasons: [
        'Haar cascade in use. Run: mien models pull',
        'fewer frames a second: The processor is at 82 °C; give it air',
        'log failing: disk full',
        'broker offline: mqtt://***@broker refused',
      ],
    });
  });
});

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

describe('the kiosk page', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mien-kiosk-'));
  beforeAll(() => {
    mkdirSync(join(dir, 'assets'));
    writeFileSync(join(dir, 'index.html'), '<!doctype html><title>Mien</title>');
    writeFileSync(join(dir, 'assets', 'index-Ab3_.js'), 'export {};');
    writeFileSync(join(dir, '.env'), 'SECRET=1');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('the page is asked for anew each time, its assets never', async () => {
    const { app } = fixture({ kioskDir: dir });
    const page = await app.request('/');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const asset = await app.request('/assets/index-Ab3_.js');
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  test.each(['/.env', '/assets/../.env', '/assets/%2e%2e/.env', '/..%2f..%2fetc%2fpasswd', '/assets/', '/nowhere.js'])(
    '%s is not found',
    async (path) => {
      const { app } = fixture({ kioskDir: dir });
      const response = await app.request(path);
      expect(response.status).toBe(404);
      expect(await json(response)).toMatchObject({ title: 'Not found' });
    },
  );

  test('a page that was not built says how to build it', async () => {
    const response = await fixture().app.request('/');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('The kiosk page is not built. Run: npm run build\n');
    expect(response.headers.get('refresh')).toBe('5');
  });
});

import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { LiveConfig } from '../config/live.ts';
import { configSchema } from '../config/schema.ts';
import type { AuditRecord } from '../core/control.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { fakeFacts, fakeRecords, fixture } from '../lab/fixtures/http-fixture.ts';
import { createLog } from '../ops/log.ts';

const token = 'operator-token-of-at-least-32-characters';
const config = configSchema.parse({
  device: { name: 'lobby-1' },
  http: { token },
  mqtt: { password: 'hunter2' },
  kiosk: { privacyUrl: 'https://visitor:page-password@example.org/privacy' },
});
const asOperator = { authorization: `Bearer ${token}` };

function operator(change: Parameters<typeof fixture>[0] = {}) {
  const made = fixture({ config, ...change });
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await made.app.request(path, { ...init, headers: { ...asOperator, ...init.headers } });
    const text = await response.clone().text();
    return { response, status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const patch = (body: unknown, type = 'application/json') =>
    ask('/api/v1/settings', {
      method: 'PATCH',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': type },
    });
  return { ...made, ask, patch };
}

describe('settings', () => {
  test('a change takes effect at once, reaches subscribers, and comes as YAML', async () => {
    const settings = new LiveConfig(config);
    const received: number[] = [];
    settings.subscribe((now) => received.push(now.camera.fps));
    const { ask, patch } = operator({ settings });
    const { status, body } = await patch({ camera: { fps: 12 }, kiosk: { title: 'Lobby' } });
    expect(status).toBe(200);
    expect(body.values).toMatchObject({ camera: { fps: 12 }, kiosk: { title: 'Lobby' } });
    expect(body.configured).toMatchObject({ camera: { fps: 30 }, kiosk: { title: 'Mien' } });
    expect(body.changed).toEqual(['camera.fps', 'kiosk.title']);
    expect(body.yaml).toBe('camera:\n  fps: 12\nkiosk:\n  title: Lobby\n');
    expect(received).toEqual([12]);
    expect((await ask('/api/v1/state')).body.kiosk.title).toBe('Lobby');
    expect((await patch({ camera: { fps: 30 }, kiosk: { title: 'Mien' } })).body).toMatchObject({
      changed: [],
      yaml: '',
    });
  });

  test('a profile is applied by its name, shown in state and settings, and dropped with none', async () => {
    const profiles = { evening: { 'camera.fps': 10, 'kiosk.theme': 'contrast' } };
    const audited: AuditRecord[] = [];
    const settings = new LiveConfig(configSchema.parse({ http: { token }, profiles }));
    const { ask } = operator({ settings, audit: (record) => audited.push(record) });
    const apply = (name: string) =>
      ask('/api/v1/control/profile', {
        method: 'POST',
        body: JSON.stringify({ name }),
        headers: { 'content-type': 'application/json' },
      });
    expect(await apply('evening')).toMatchObject({ status: 202, body: { profile: 'evening' } });
    expect((await ask('/api/v1/state')).body).toMatchObject({ profile: 'evening', kiosk: { theme: 'contrast' } });
    const shown = { profiles: ['evening'], profile: 'evening', changed: ['camera.fps', 'kiosk.theme'] };
    expect((await ask('/api/v1/settings')).body).toMatchObject(shown);
    expect(await apply('night')).toMatchObject({
      status: 404,
      body: { title: 'No such profile', detail: 'Expected one of evening, none, got "night"' },
    });
    expect((await apply('none')).body).not.toHaveProperty('profile');
    expect((await ask('/api/v1/settings')).body).toMatchObject({ changed: [] });
    const details = (profile: string, changed: string[]) => ({
      action: 'apply-profile',
      details: { profile, changed },
    });
    expect(audited).toMatchObject([details('evening', ['camera.fps', 'kiosk.theme']), details('none', [])]);
  });

  test('the change that silences the log is its last line', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', format: 'json' }, { output: { write: (text) => lines.push(text) } });
    const settings = new LiveConfig(config);
    settings.subscribe((now) => {
      log.level = now.log.level;
    });
    const { patch } = operator({ settings, log });
    for (const level of ['silent', 'info', 'error']) expect((await patch({ log: { level } })).status).toBe(200);
    const changes = lines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'Settings changed by an operator');
    // From silent back to info, the configured level: no override is left.
    expect(changes.map(({ changed }) => changed)).toEqual([['log.level'], [], ['log.level']]);
  });

  test('the answer has the bounds and descriptions', async () => {
    const { body } = await operator().ask('/api/v1/settings');
    const { fps } = body.schema.properties.camera.properties;
    expect(fps).toMatchObject({
      ...{ type: 'number', minimum: 0.1, maximum: 120 },
      ...{ unit: 'framesPerSecond', description: expect.any(String) },
    });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|operator-token/);
  });

  test.each([
    [{ camera: { fps: 500 } }, 'camera.fps', '500', 'a number from 0.1 to 120 frames per second'],
    [{ camera: { fps: 'many' } }, 'camera.fps', 'many', 'a number from 0.1 to 120 frames per second'],
    [
      { detect: { inputWidth: 33 } },
      'detect.inputWidth',
      '33',
      /^a whole number from 0 to 1280 pixels, a multiple of 32$/,
    ],
    [{ kiosk: { title: 'x'.repeat(61) } }, 'kiosk.title', 'x'.repeat(61), 'text of at most 60 characters'],
    [{ camera: { source: '0' } }, 'camera.source', '0', /takes effect at once; this one belongs to the configuration/],
    [{ kiosk: { night: '25:00' } }, 'kiosk.night', '25:00', /^HH:MM-HH:MM with two different times/],
    [{ kiosk: { theme: 'pink' } }, 'kiosk.theme', 'pink', 'one of auto, dark, light, contrast'],
    [{ mqtt: { url: 'mqtt://elsewhere' } }, 'mqtt', '{"url":"mqtt://elsewhere"}', /such as camera\.fps/],
    [{ camera: 5 }, 'camera', '5', 'an object of settings'],
    [[], '', '[]', 'an object of settings'],
  ])('%j is refused with the field and its expected value', async (change, path, value, expected) => {
    const { status, body } = await operator().patch(change);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ path, value }]);
    expect(body.errors[0].expected).toMatch(expected);
  });

  test('overrides are reset one by one or all at once', async () => {
    const { ask, patch } = operator();
    const reset = (path = '') => ask(`/api/v1/settings${path}`, { method: 'DELETE' });
    await patch({ camera: { fps: 12 }, kiosk: { title: 'Lobby' }, detect: { adaptive: false } });
    expect((await reset('?path=camera.fps')).body).toMatchObject({
      changed: ['detect.adaptive', 'kiosk.title'],
      values: { camera: { fps: 30 } },
    });
    expect((await reset()).body).toMatchObject({ changed: [], yaml: '', values: { kiosk: { title: 'Mien' } } });
    expect(await reset('?path=camera.source')).toMatchObject({ status: 404, body: { title: 'No such setting' } });
    expect((await reset('?path=nonsense')).status).toBe(404);
    expect((await reset('?setting=camera.fps')).status).toBe(400);
  });

  test('malformed JSON, another content type and a large body get their own status', async () => {
    const { patch } = operator();
    expect((await patch('{"camera":')).status).toBe(400);
    expect((await patch('camera=1', 'text/plain')).status).toBe(415);
    expect((await patch({ kiosk: { notice: 'x'.repeat(20_000) } })).status).toBe(413);
  });
});

test('the configuration shows the source of each value, and no secret', async () => {
  const sources = new Map([['http.token', 'MIEN_HTTP_TOKEN']]);
  const { ask, patch } = operator({ records: fakeRecords({ sources, configFile: '/etc/mien/mien.yaml' }) });
  await patch({ camera: { fps: 12 } });
  const { body, response } = await ask('/api/v1/config');
  const of = (path: string) => body.settings.find((row: { path: string }) => row.path === path);
  expect(body.file).toBe('/etc/mien/mien.yaml');
  expect(of('http.token')).toMatchObject({ value: '***', source: 'MIEN_HTTP_TOKEN' });
  expect(of('camera.fps')).toMatchObject({
    ...{ value: 12, source: 'override', configured: { value: 30, source: 'default' } },
    ...{ type: 'number', minimum: 0.1, maximum: 120, unit: 'framesPerSecond', isLive: true },
  });
  expect(of('camera.width')).toMatchObject({ value: 640, source: 'default', type: 'integer', unit: 'pixels' });
  expect(of('kiosk.theme').options).toEqual(['auto', 'dark', 'light', 'contrast']);
  expect(of('camera.source')).toMatchObject({ type: 'string', isLive: false });
  expect(JSON.stringify(body)).not.toMatch(/hunter2|operator-token/);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('log lines by level and limit', async () => {
  const asked: unknown[] = [];
  const logs = (query: object) => {
    asked.push(query);
    return [{ time: '2026-01-01T00:00:00Z', level: 'warn', msg: 'hot' }];
  };
  const { ask } = operator({ records: fakeRecords({ logs }) });
  expect((await ask('/api/v1/logs?level=warn&limit=5')).body.lines).toMatchObject([{ msg: 'hot' }]);
  await ask('/api/v1/logs');
  expect(asked).toEqual([
    { level: 'warn', limit: 5 },
    { level: 'info', limit: 200 },
  ]);
  expect((await ask('/api/v1/logs?level=loud')).body.errors).toMatchObject([
    { path: 'level', value: 'loud', expected: 'one of debug, info, warn, error' },
  ]);
});

test('pause, resume and restart reach the vision process, and the state says so', async () => {
  const { ask, vision } = operator();
  const post = (name: string) => ask(`/api/v1/control/${name}`, { method: 'POST' });
  expect(await post('pause')).toMatchObject({ status: 202, body: { paused: true } });
  expect((await ask('/api/v1/state')).body.paused).toBe(true);
  expect(await post('resume')).toMatchObject({ status: 202, body: { paused: false, camera: 'online' } });
  expect((await post('restart-vision')).status).toBe(202);
  expect(vision.restarts).toBe(1);
  expect((await ask('/api/v1/control/pause')).status).toBe(405);
});

test('control requests name the credential of the caller, and not the token', async () => {
  const records: AuditRecord[] = [];
  const { ask, patch } = operator({ audit: (record) => records.push(record) });
  for (const name of ['pause', 'resume', 'restart-vision']) await ask(`/api/v1/control/${name}`, { method: 'POST' });
  await patch({ camera: { fps: 12 } });
  await ask('/api/v1/settings', { method: 'DELETE' });
  const actions = ['pause', 'resume', 'restart-vision', 'change-settings', 'reset-settings'];
  expect(records.map(({ action, outcome }) => [action, outcome])).toEqual(actions.map((action) => [action, 'done']));
  for (const { actor } of records) expect(actor).toEqual({ source: 'http', principal: 'token' });
});

test('a support bundle: a zip with the state and the masked configuration', async () => {
  const { board, ask } = operator();
  board.update('camera', { source: 'rtsp://admin:s3cret@10.0.0.7/1' });
  const { response } = await ask('/api/v1/support-bundle');
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="mien-lobby-1-\d{4}-\d\d-\d\d\.zip"$/,
  );
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  expect(Object.keys(files).sort()).toEqual(
    ['README.txt', 'config.json', 'machine.json', 'state.json'].map((name) => `mien-support/${name}`),
  );
  const text = Object.values(files)
    .map((bytes) => Buffer.from(bytes).toString())
    .join('');
  expect(text).toContain('rtsp://***@10.0.0.7');
  expect(text).toContain('https://***@example.org/privacy');
  expect(text).not.toMatch(/s3cret|hunter2|operator-token|page-password/);
});

describe('the device', () => {
  test('the camera: requested values, actual values, and the available cameras', async () => {
    const { app } = fixture();
    const camera = async (query = '') => (await app.request(`/api/v1/camera${query}`)).json();
    expect(await camera()).toEqual({
      state: 'online',
      asked: { source: 'auto', width: 640, height: 480, fps: 30 },
      got: { source: 'demo', width: 640, height: 480, fps: 30 },
    });
    expect(await camera('?devices=1')).toMatchObject({ devices: [{ path: '/dev/video0', name: 'Made-up camera' }] });
  });

  test('the confusion matrix of the model card matches its labels', async () => {
    const { card } = (await (await fixture().app.request('/api/v1/model')).json()) as {
      card: {
        labels: string[];
        answers: string;
        metrics: { int8: Record<string, { confusion: number[][]; n: number }> };
      };
    };
    const { confusion, n } = card.metrics.int8[card.answers]!;
    expect(confusion.map((row) => row.length)).toEqual(card.labels.map(() => card.labels.length));
    expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(n);
  });

  test('a missing model card is a problem with its remedy', async () => {
    const modelCard = () => {
      throw new MienError('Model card missing: x.json', { code: exitCode.noInput, remedy: 'Restore it' });
    };
    const response = await fixture({ facts: fakeFacts({ modelCard }) }).app.request('/api/v1/model');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: 'Model card missing: x.json', remedy: 'Restore it' });
  });

  test('performance figures', async () => {
    const { app, board } = fixture();
    board.update('vision', { fps: 24, droppedFps: 1, latencyMs: 8, memoryMb: 120 });
    board.update('governor', { state: 'full', fpsLimit: 30, temperatureC: 61 });
    expect(await (await app.request('/api/v1/performance')).json()).toMatchObject({
      fps: 24,
      latencyMs: 8,
      temperatureC: 61,
      stages: { detect: { p50: 3.9, p95: 5.1 } },
      memoryMb: { daemon: 80, vision: 120 },
      live: { viewers: 0 },
    });
  });

  test('the heartbeat of a screen shows in the state', async () => {
    const { app } = fixture();
    const beat = { version: '1.2.3', visible: true, fps: 30, width: 1080, height: 1920, lang: 'ur', light: 'off' };
    const post = (body: object) =>
      app.request('/api/v1/heartbeat', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    expect((await post(beat)).status).toBe(204);
    const state = (await (await app.request('/api/v1/state')).json()) as { screen: object };
    expect(state.screen).toEqual({ ...beat, seenAt: expect.any(Number), onDevice: expect.any(Boolean) });
    expect((await post({ ...beat, width: 'wide' })).status).toBe(422);
  });
});

/**
 * The product as a whole, from outside: the built `mien` in processes of its own on the built-in clip, a real Mosquitto, a
 * real Chromium, the database as a file.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { launchChromium, whyNoChromium } from './lab/fixtures/chromium.ts';
import { Mien, runOnClip, until } from './lab/fixtures/mien.ts';
import { observe, startMosquitto } from './lab/fixtures/mosquitto.ts';
import { readStore } from './sinks/sqlite/sqlite.ts';

const topic = 'mien/e2e';
/** Long enough for the Haar cascade on a small busy machine; a pass takes seconds. */
const minutes = 180_000;
let folder: string;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-e2e-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});

function runDaemon(settings: Record<string, string | number>): Mien {
  return endedLater(runOnClip({ dataDir: folder, ...settings }));
}

function started(args: readonly string[]): Mien {
  return endedLater(new Mien(args));
}

function endedLater(mien: Mien): Mien {
  cleanups.push(() => mien.stop('SIGKILL'));
  return mien;
}

async function heardAt(url: string): Promise<(name: string) => string[]> {
  const observer = await observe(url, `${topic}/#`);
  cleanups.push(() => observer.stop());
  return (name) => observer.texts(`${topic}/${name}`);
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

describe('the daemon', () => {
  it(
    'publishes availability, readings and visits to a real Mosquitto, and its will when it is killed',
    async () => {
      const broker = await startMosquitto();
      cleanups.push(() => broker.stop());
      const on = await heardAt(broker.url);
      const mien = runDaemon({ 'mqtt.url': broker.url });
      // Its memory beside viewers rests on the first line of the program, and no other test would miss what that asks for.
      const lean = `/proc/${mien.process.pid}`;
      await until(
        () => readFileSync(`${lean}/cmdline`, 'utf8').startsWith('node\0--max-semi-space-size=2\0') || undefined,
      );
      const environment = readFileSync(`${lean}/environ`, 'utf8').split('\0');
      expect(environment).toEqual(expect.arrayContaining(['MALLOC_ARENA_MAX=2', 'MALLOC_TRIM_THRESHOLD_=131072']));

      await until(() => on('availability').includes('online') || undefined);
      const reading = JSON.parse(await until(() => on('reading')[0]));
      expect(reading.faces[0].label).toBeTypeOf('string');
      const visit = JSON.parse(await until(() => on('visit')[0]));
      expect(visit).toMatchObject({ schema: 3, dominant: expect.any(String) });
      expect(on('availability')).toEqual(['online']);

      await mien.stop('SIGKILL');
      await until(() => on('availability').at(-1) === 'offline' || undefined);
    },
    minutes,
  );

  it(
    'stops cleanly at SIGTERM: exit code 0, rows in the database, offline published, no process left',
    async () => {
      const broker = await startMosquitto();
      cleanups.push(() => broker.stop());
      const on = await heardAt(broker.url);
      const mien = runDaemon({ 'mqtt.url': broker.url });
      const url = await mien.url();
      await until(() => on('visit')[0]);

      expect(await mien.stop()).toBe(0);
      expect(mien.stderr).not.toMatch(/\n\s+at /);
      await until(() => on('availability').at(-1) === 'offline' || undefined);
      const store = readStore(join(folder, 'mien.db'));
      cleanups.push(() => store.close());
      const everything = { from: 0, to: Date.now() + 1, limit: 10_000 };
      expect(store.samples(everything).rows.length).toBeGreaterThan(0);
      expect(store.visits(everything).rows.length).toBeGreaterThan(0);
      await expect(fetch(url)).rejects.toThrow();
    },
    minutes,
  );

  it(
    'goes on without its broker, says so, and keeps every visit for later',
    async () => {
      const mien = runDaemon({ 'mqtt.url': 'mqtt://127.0.0.1:1' });
      const url = await mien.url();
      const state = await until(async () => {
        const now = await json<{ state: { mqtt: { state: string; reason?: string } } }>(`${url}/api/v1/state`);
        return now.state.mqtt.state === 'offline' ? now.state.mqtt : undefined;
      });
      expect(state.reason).toMatch(/127\.0\.0\.1:1/);
      await until(
        async () =>
          (await json<{ visits: unknown[] }>(`${url}/api/v1/visits?minutes=5`)).visits.length > 0 || undefined,
      );
    },
    minutes,
  );

  it('shows a camera that is not there as lost, with the remedy, and stays up', async () => {
    const mien = runDaemon({ 'camera.source': '/dev/video77', 'mqtt.enabled': 'false' });
    const url = await mien.url();
    const camera = await until(async () => {
      const now = await json<{ state: { camera: { state: string; reason?: string } } }>(`${url}/api/v1/state`);
      return now.state.camera.state === 'lost' ? now.state.camera : undefined;
    });
    expect(camera.reason).toMatch(/No camera at \/dev\/video77.*mien devices/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('gives readings again after its vision process was killed, to the page that was open', async () => {
    const mien = runDaemon({ 'mqtt.enabled': 'false' });
    const url = await mien.url();
    const page = new WebSocket(`${url.replace('http', 'ws')}/live`);
    cleanups.push(() => page.terminate());
    let pictures = 0;
    page.on('message', (_data, isBinary) => {
      pictures += isBinary ? 1 : 0;
    });
    await until(async () => (await fetch(`${url}/api/v1/reading`)).status === 200 || undefined);
    const children = readFileSync(`/proc/${mien.process.pid}/task/${mien.process.pid}/children`, 'utf8')
      .trim()
      .split(' ');
    const before = Date.now();
    process.kill(Number(children[0]), 'SIGKILL');
    await until(async () => (await json<{ ts: number }>(`${url}/api/v1/reading`)).ts > before + 200 || undefined);
    const { state } = await json<{ state: { vision: { restarts: number } } }>(`${url}/api/v1/state`);
    expect(state.vision.restarts).toBe(1);
    const seen = pictures;
    await until(() => pictures > seen + 2 || undefined);
    expect(page.readyState).toBe(WebSocket.OPEN);
  });

  it(
    'stays paused after a power cut until somebody resumes it, and then looks after the next one too',
    async () => {
      const token = 'e2e-'.repeat(10);
      const run = () => runDaemon({ 'mqtt.enabled': 'false', 'http.token': token });
      const control = async (mien: Mien, action: string) =>
        fetch(`${await mien.url()}/api/v1/control/${action}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        });
      const camera = async (mien: Mien) =>
        (await json<{ state: { camera: { state: string } } }>(`${await mien.url()}/api/v1/state`)).state.camera.state;

      const first = run();
      await until(async () => (await camera(first)) === 'online' || undefined);
      expect((await control(first, 'pause')).status).toBe(202);
      await first.stop('SIGKILL');

      const second = run();
      await until(async () => (await camera(second)) === 'paused' || undefined);
      expect(second.stderr).toMatch(/Paused before this start.*\/admin/);
      expect(second.stderr).not.toContain('Source open');
      expect((await control(second, 'resume')).status).toBe(202);
      await until(async () => (await camera(second)) === 'online' || undefined);
      expect(second.stderr).toContain('Source open');
      await second.stop('SIGKILL');

      const third = run();
      await until(async () => (await camera(third)) === 'online' || undefined);
      expect(third.stderr).not.toContain('Paused before');
    },
    minutes,
  );

  it(
    'refuses a port in use, a data folder in use and a wrong configuration, each in one line',
    async () => {
      const server = createServer().listen(0, '127.0.0.1');
      cleanups.push(() => server.close());
      await until(() => server.address() ?? undefined);
      const { port } = server.address() as { port: number };
      const inUse = runDaemon({ 'http.port': port, 'mqtt.enabled': 'false' });
      expect(await inUse.exited).toBe(69);
      expect(inUse.stderr).toMatch(new RegExp(`^mien: .*${port}.*in use`, 'm'));

      const first = runDaemon({ 'mqtt.enabled': 'false' });
      await first.url();
      const second = runDaemon({ 'mqtt.enabled': 'false' });
      expect(await second.exited).toBe(69);
      expect(second.stderr).toMatch(/^mien: Another Mien is using the data folder/m);

      const wrong = runDaemon({ 'camera.width': 'wide', 'http.port': 99999, 'no.such': 1 });
      expect(await wrong.exited).toBe(78);
      for (const path of ['camera.width', 'http.port', 'no.such']) expect(wrong.stderr).toContain(path);

      for (const { stderr } of [inUse, second, wrong]) expect(stderr).not.toMatch(/\n\s+at /);
    },
    minutes,
  );
});

describe('the demo', () => {
  it(
    'ends by itself with a summary of what it saw, logged, published and served',
    async () => {
      const mien = started(['demo', '--source', 'demo', '--for', '8', '--port', '0', '--set', `dataDir=${folder}`]);
      expect(await mien.exited, mien.stdout + mien.stderr).toBe(0);
      for (const check of ['seen', 'logged', 'published', 'served']) {
        expect(mien.stdout).toMatch(new RegExp(`ok\\s+${check}\\s`));
      }
    },
    minutes,
  );

  it(
    'exits 1 and says what is missing when nobody was seen',
    async () => {
      const mien = started([
        'demo',
        '--source',
        'still:TEST:',
        '--for',
        '5',
        '--port',
        '0',
        '--set',
        `dataDir=${folder}`,
      ]);
      expect(await mien.exited).toBe(1);
      expect(mien.stdout).toMatch(/FAIL\s+seen\s+0 faces/);
    },
    minutes,
  );

  it.skipIf(whyNoChromium)(
    'shows the people live in Chromium: the picture moves, a face is framed and named, the chart fills',
    async () => {
      const mien = started([
        'demo',
        '--source',
        'demo',
        '--port',
        '0',
        '--set',
        `dataDir=${folder}`,
        '--set',
        'camera.pace=max',
        '--set',
        'camera.fps=40',
      ]);
      const url = await mien.url();
      const browser = await launchChromium();
      cleanups.push(() => browser.close());
      const page = await browser.newPage({ viewport: { width: 800, height: 480 } });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(url);

      const picture = page.getByTestId('picture');
      const pixels = () => picture.evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
      const blank = await pixels();
      const first = await until(async () => ((await pixels()) === blank ? undefined : pixels()));
      await until(async () => (await pixels()) !== first || undefined);

      const dominant = page.getByTestId('dominant');
      const label = await until(async () => (await dominant.getAttribute('data-label')) || undefined);
      expect(['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral', 'uncertain']).toContain(label);
      await until(async () => Number(await picture.getAttribute('data-boxes')) > 0 || undefined);
      await until(
        async () => Number(await page.getByTestId('chart-hour').getAttribute('data-filled')) > 0 || undefined,
      );
      expect(await page.getByTestId('notice').textContent()).toMatch(/No picture is stored/);
      expect(errors).toEqual([]);

      await mien.stop('SIGKILL');
      await until(async () => (await page.getByTestId('kiosk').getAttribute('data-condition')) !== 'live' || undefined);
    },
    minutes,
  );
});

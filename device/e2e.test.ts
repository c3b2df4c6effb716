/**
 * The product as a whole, from outside: the built `mien` in its own processes on the built-in clip, a real Mosquitto, a real
 * Chromium, the database as a file.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { launchChromium, whyNoChromium } from './lab/fixtures/chromium.ts';
import { Mien, runOnClip, until } from './lab/fixtures/mien.ts';
import { type Mosquitto, type Observer, observe, startMosquitto } from './lab/fixtures/mosquitto.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';
import { readStore } from './sinks/sqlite/sqlite.ts';

/** Enough for the Haar cascade on a small busy machine; a pass takes seconds. */
const timeout = 180_000;
const scratch = scratchFolder();

type OnFinished = (handler: () => Promise<void>) => void;

/** Kills the process after the test, also if the test failed. */
function killAfter(onFinished: OnFinished, mien: Mien): Mien {
  onFinished(async () => {
    await mien.stop('SIGKILL');
  });
  return mien;
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

interface State {
  readonly camera: { readonly state: string; readonly reason?: string };
  readonly mqtt: { readonly state: string; readonly reason?: string };
  readonly vision: { readonly restarts: number };
}

async function stateOf(mien: Mien): Promise<State> {
  return (await json<{ state: State }>(`${await mien.url()}/api/v1/state`)).state;
}

const becomes = (mien: Mien, camera: string) =>
  until(async () => (await stateOf(mien)).camera.state === camera || undefined);

describe('the daemon over three starts', { timeout }, () => {
  const dataDir = join(scratch, 'starts');
  const token = 'e2e-'.repeat(10);
  let broker: Mosquitto;
  let observer: Observer;
  let mien: Mien;
  const received = (name: string) => observer.texts(`mien/e2e/${name}`);
  const start = () => {
    mien = runOnClip({ dataDir, 'mqtt.url': broker.url, 'http.token': token });
  };
  const control = async (action: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${await mien.url()}/api/v1/control/${action}`, { method: 'POST', headers })).status;
  };

  beforeAll(async () => {
    broker = await startMosquitto();
    observer = await observe(broker.url, 'mien/e2e/#');
  });
  afterAll(async () => {
    await mien?.stop('SIGKILL');
    await observer?.stop();
    await broker?.stop();
  });

  it('publishes availability, readings and visits to a real Mosquitto, and its will when it is killed', async () => {
    start();
    // The first line of the program sets limits on memory. No other test checks that they are in force.
    const proc = `/proc/${mien.process.pid}`;
    await until(
      () => readFileSync(`${proc}/cmdline`, 'utf8').startsWith('node\0--max-semi-space-size=2\0') || undefined,
    );
    const environment = readFileSync(`${proc}/environ`, 'utf8').split('\0');
    expect(environment).toEqual(expect.arrayContaining(['MALLOC_ARENA_MAX=2', 'MALLOC_TRIM_THRESHOLD_=131072']));

    await until(() => received('availability').includes('online') || undefined);
    const reading = JSON.parse(await until(() => received('reading')[0]));
    expect(reading.faces[0].label).toBeTypeOf('string');
    const visit = JSON.parse(await until(() => received('visit')[0]));
    expect(visit).toMatchObject({ schema: 4, device: 'e2e', dominant: expect.any(String) });
    // Once at the connect, and once after the announcement to Home Assistant.
    expect([...new Set(received('availability'))]).toEqual(['online']);

    expect((await stateOf(mien)).camera.state).toBe('online');
    expect(await control('pause')).toBe(202);
    await mien.stop('SIGKILL');
    await until(() => received('availability').at(-1) === 'offline' || undefined);
  });

  it('stays paused after a power cut until an operator resumes it', async () => {
    start();
    await becomes(mien, 'paused');
    expect(mien.stderr).toMatch(/Paused before this start.*\/admin/);
    expect(mien.stderr).not.toContain('Source open');
    expect(await control('resume')).toBe(202);
    await becomes(mien, 'online');
    expect(mien.stderr).toContain('Source open');
    await mien.stop('SIGKILL');
  });

  it('is not paused at the next start, and stops cleanly at SIGTERM: exit code 0, rows in the database, offline published, no process left', async () => {
    const startedAt = Date.now();
    start();
    const url = await mien.url();
    await becomes(mien, 'online');
    expect(mien.stderr).not.toContain('Paused before');
    await until(() => received('visit').find((text) => JSON.parse(text).started_at >= startedAt));

    expect(await mien.stop()).toBe(0);
    expect(mien.stderr).not.toMatch(/\n\s+at /);
    await until(() => received('availability').at(-1) === 'offline' || undefined);
    const store = readStore(join(dataDir, 'mien.db'));
    onTestFinished(() => store.close());
    const sinceStart = { from: startedAt, to: Date.now() + 1, limit: 10_000 };
    expect(store.samples(sinceStart).rows.length).toBeGreaterThan(0);
    expect(store.visits(sinceStart).rows.length).toBeGreaterThan(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('the daemon without its broker', { timeout }, () => {
  const settings = { dataDir: join(scratch, 'no-broker'), 'mqtt.url': 'mqtt://127.0.0.1:1' };
  let mien: Mien;
  let url: string;
  let page: WebSocket;
  let pictures = 0;

  beforeAll(async () => {
    mien = runOnClip(settings);
    url = await mien.url();
    page = new WebSocket(`${url.replace('http', 'ws')}/live`);
    page.on('message', (_data, isBinary) => {
      pictures += isBinary ? 1 : 0;
    });
  }, timeout);
  afterAll(async () => {
    page?.terminate();
    await mien?.stop('SIGKILL');
  });

  it('goes on, reports the reason, and keeps every visit for later', async () => {
    const { reason } = await until(async () => {
      const { mqtt } = await stateOf(mien);
      return mqtt.state === 'offline' ? mqtt : undefined;
    });
    expect(reason).toMatch(/127\.0\.0\.1:1/);
    await until(
      async () => (await json<{ visits: unknown[] }>(`${url}/api/v1/visits?minutes=5`)).visits.length > 0 || undefined,
    );
  });

  it('sends readings again after its vision process was killed, to the page that was open', async () => {
    await until(async () => (await fetch(`${url}/api/v1/reading`)).status === 200 || undefined);
    const { pid } = mien.process;
    const [vision] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const killedAt = Date.now();
    process.kill(Number(vision), 'SIGKILL');
    await until(async () => (await json<{ ts: number }>(`${url}/api/v1/reading`)).ts > killedAt + 200 || undefined);
    expect((await stateOf(mien)).vision.restarts).toBe(1);
    const before = pictures;
    await until(() => pictures > before + 2 || undefined);
    expect(page.readyState).toBe(WebSocket.OPEN);
  });

  it('refuses a data folder in use, a port in use and a wrong configuration, each in one line', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await until(() => server.address() ?? undefined);
    const { port } = server.address() as { port: number };
    const other = { dataDir: join(scratch, 'refused'), 'mqtt.enabled': 'false' };
    const run = (changed: Parameters<typeof runOnClip>[0]) => killAfter(onTestFinished, runOnClip(changed));
    const folderInUse = run(settings);
    const portInUse = run({ ...other, 'http.port': port });
    const wrong = run({ ...other, 'camera.width': 'wide', 'http.port': 99999, 'no.such': 1 });
    expect(await Promise.all([folderInUse, portInUse, wrong].map(({ exited }) => exited))).toEqual([69, 69, 78]);

    expect(folderInUse.stderr).toMatch(/^mien: Another Mien is using the data folder/m);
    expect(portInUse.stderr).toMatch(new RegExp(`^mien: .*${port}.*in use`, 'm'));
    for (const path of ['camera.width', 'http.port', 'no.such']) expect(wrong.stderr).toContain(path);
    for (const { stderr } of [folderInUse, portInUse, wrong]) expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe.concurrent('what a viewer sees', { timeout }, () => {
  it('shows a missing camera as lost, with the remedy, and stays up', async ({ expect, onTestFinished }) => {
    const settings = { dataDir: join(scratch, 'lost'), 'camera.source': '/dev/video77', 'mqtt.enabled': 'false' };
    const mien = killAfter(onTestFinished, runOnClip(settings));
    await becomes(mien, 'lost');
    expect((await stateOf(mien)).camera.reason).toMatch(/No camera at \/dev\/video77.*mien devices/);
    expect((await fetch(`${await mien.url()}/healthz`)).status).toBe(200);
  });

  it.skipIf(whyNoChromium)(
    'shows the people of the demo live in Chromium: the picture moves, a face is framed and named, the chart fills',
    async ({ expect, onTestFinished }) => {
      const settings = [`dataDir=${join(scratch, 'demo')}`, 'camera.pace=max', 'camera.fps=40'];
      const flags = settings.flatMap((setting) => ['--set', setting]);
      const mien = killAfter(onTestFinished, new Mien(['demo', '--source', 'demo', '--port', '0', ...flags]));
      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const url = await mien.url();
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
  );
});

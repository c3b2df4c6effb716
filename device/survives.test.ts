/** What the daemon lives through: the built `mien` in a process of its own, real disks, a real Mosquitto, SIGKILL. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Mien, until } from './test/mien.ts';
import { observe, startMosquitto } from './test/mosquitto.ts';
import { scratchFolder } from './test/scratch.ts';

const minutes = 180_000;
const scratch = scratchFolder();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The daemon on the built-in clip, played fast, so that somebody comes and goes every few seconds. */
function runDaemon(settings: Record<string, string | number>): Mien {
  const all = {
    'camera.source': 'demo',
    'camera.pace': 'max',
    'camera.fps': 60,
    'visits.gapMs': 300,
    'visits.minDwellMs': 100,
    'device.name': 'e2e',
    'http.port': 0,
    ...settings,
  };
  const mien = new Mien(['run', ...Object.entries(all).flatMap(([path, value]) => ['--set', `${path}=${value}`])]);
  cleanups.push(() => mien.stop('SIGKILL'));
  return mien;
}

async function startBroker(): Promise<{ url: string; visits: () => { id: string }[] }> {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  const observer = await observe(broker.url, 'mien/e2e/#');
  cleanups.push(() => observer.stop());
  return { url: broker.url, visits: () => observer.texts('mien/e2e/visit').map((text) => JSON.parse(text)) };
}

interface Health {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly store: { readonly state: string; readonly code?: string };
}

const healthOf = async (url: string) => (await (await fetch(`${url}/healthz`)).json()) as Health;

interface Visits {
  readonly visits?: readonly { readonly id: string; readonly cut?: boolean; readonly dwellMs: number }[];
  readonly remedy?: string;
}

async function visitsOf(url: string): Promise<{ status: number; body: Visits }> {
  const response = await fetch(`${url}/api/v1/visits?minutes=5&limit=10000`);
  return { status: response.status, body: (await response.json()) as Visits };
}

test(
  'a start on a full disk: the page and the broker have everything, and logging begins when there is room',
  async (context) => {
    const disk = join(scratch, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      return context.skip('mounting a small tmpfs needs root');
    }
    cleanups.push(() => execFileSync('umount', [disk]));
    fillUp(join(disk, 'other'));
    const broker = await startBroker();
    const mien = runDaemon({ dataDir: join(disk, 'data'), 'mqtt.url': broker.url });
    const url = await mien.url();
    expect((await fetch(url)).status).toBe(200);
    expect(await healthOf(url)).toMatchObject({
      status: 'degraded',
      reasons: expect.arrayContaining([
        expect.stringMatching(/^log failing: The disk that holds .* is full\. Free some/),
      ]),
      store: { state: 'failing', code: 'disk-full' },
    });
    expect(await visitsOf(url)).toMatchObject({
      status: 503,
      body: { remedy: expect.stringMatching(/Free some space/) },
    });
    const first = await until(() => broker.visits()[0]);

    rmSync(join(disk, 'other'));
    await until(async () => (await healthOf(url)).store.state === 'ok' || undefined);
    const { body } = await visitsOf(url);
    expect(body.visits!.map(({ id }) => id)).toContain(first.id);
    expect(await mien.stop()).toBe(0);
    const ids = broker.visits().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
  minutes,
);

/** Appends until there is no room for another byte. */
function fillUp(file: string): void {
  for (let size = 65_536; size >= 1; ) {
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      size = Math.floor(size / 2);
    }
  }
}

test.each([
  ['first page', 0, 4096],
  ['middle', 4096, undefined],
])(
  'a damaged database (%s overwritten) is set aside; page, log and broker go on',
  async (_name, from, to) => {
    const dataDir = join(scratch, `damaged-${from}`);
    const broker = await startBroker();
    const before = runDaemon({ dataDir, 'mqtt.url': broker.url });
    await before.url();
    await until(() => broker.visits()[2]);
    expect(await before.stop()).toBe(0);
    const file = join(dataDir, 'mien.db');
    writeFileSync(file, readFileSync(file).fill(0xa5, from, to));

    const mien = runDaemon({ dataDir, 'mqtt.url': broker.url });
    const url = await mien.url();
    expect((await fetch(url)).status).toBe(200);
    const seen = broker.visits().length;
    await until(() => broker.visits()[seen + 1]);
    await until(async () => (await visitsOf(url)).status === 200 || undefined);
    await until(
      async () => (await visitsOf(url)).body.visits!.some(({ id }) => id === broker.visits().at(-1)!.id) || undefined,
    );
    expect(readdirSync(dataDir).join()).toMatch(/mien\.db\.damaged-/);
    expect((await healthOf(url)).store.state).toBe('ok');
  },
  minutes,
);

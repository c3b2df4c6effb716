/** Faults that the daemon survives: the built `mien` in its own process, real disks, a real Mosquitto, SIGKILL. */

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, type TestContext, test } from 'vitest';
import { fillUp } from './lab/fixtures/full-disk.ts';
import { type Mien, runOnClip, until } from './lab/fixtures/mien.ts';
import { observe, startMosquitto } from './lab/fixtures/mosquitto.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';
import { needsRoot } from './lab/fixtures/small-disk.ts';

const timeout = 180_000;
const scratch = scratchFolder();

type OnFinished = TestContext['onTestFinished'];

function runDaemon(settings: Record<string, string | number>, onFinished: OnFinished): Mien {
  const mien = runOnClip(settings);
  onFinished(async () => {
    await mien.stop('SIGKILL');
  });
  return mien;
}

/** A disk in memory. Returns its folder; undefined where this user may not mount one. */
function smallDisk(name: string, size: string, onFinished: OnFinished): string | undefined {
  const disk = join(scratch, name);
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  onFinished(() => void execFileSync('umount', [disk]));
  return disk;
}

interface PublishedVisit {
  readonly id: string;
  readonly dwell_ms: number;
  readonly cut?: boolean;
}

async function startBroker(onFinished: OnFinished): Promise<{ url: string; visits: () => PublishedVisit[] }> {
  const broker = await startMosquitto();
  onFinished(() => broker.stop());
  const observer = await observe(broker.url, 'mien/e2e/#');
  onFinished(() => observer.stop());
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

/** Overwrites all pages of an open database but the first. */
function overwritePages(file: string): void {
  const database = new Sqlite(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const pages = database.pragma('page_count', { simple: true }) as number;
  database.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc((pages - 1) * 4096, 0xa5), 0, (pages - 1) * 4096, 4096);
  closeSync(descriptor);
}

/** A visit in progress in the database that has lasted for at least `minMs`. */
function stayIn(dataDir: string, minMs: number): { bootId: string; dwellMs: number } | undefined {
  const database = new Sqlite(join(dataDir, 'mien.db'), { readonly: true });
  try {
    const texts = database.prepare('SELECT visit FROM stays').pluck().all() as string[];
    return texts.map((text) => JSON.parse(text)).find(({ dwellMs }) => dwellMs >= minMs);
  } finally {
    database.close();
  }
}

function visitIdsIn(dataDir: string): readonly string[] {
  const database = new Sqlite(join(dataDir, 'mien.db'), { readonly: true });
  try {
    return database.prepare<[], string>('SELECT id FROM visits').pluck().all();
  } finally {
    database.close();
  }
}

/** Whether the database holds the acknowledgement of the visit, which is written within 5 s. */
function isAcknowledged(dataDir: string, id: string): boolean {
  const database = new Sqlite(join(dataDir, 'mien.db'), { readonly: true });
  try {
    return typeof database.prepare('SELECT published_at FROM visits WHERE id = ?').pluck().get(id) === 'number';
  } finally {
    database.close();
  }
}

// Each test has its own data folder and broker.
describe.concurrent('the daemon survives', { timeout }, () => {
  test('a full disk at the start: page and broker get everything, and logging begins when there is room', async (context) => {
    const { expect, onTestFinished: onFinished } = context;
    const disk = smallDisk('disk', '2m', onFinished);
    if (disk === undefined) return context.skip(needsRoot);
    fillUp(join(disk, 'other'));
    const broker = await startBroker(onFinished);
    const mien = runDaemon({ dataDir: join(disk, 'data'), 'mqtt.url': broker.url }, onFinished);
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
  });

  test('a disk that fills up while running: the broker gets everything once, and all of it is logged when there is room', async (context) => {
    const { expect, onTestFinished: onFinished } = context;
    const disk = smallDisk('filling', '8m', onFinished);
    if (disk === undefined) return context.skip(needsRoot);
    const broker = await startBroker(onFinished);
    const settings = { dataDir: join(disk, 'data'), 'mqtt.url': broker.url };
    const mien = runDaemon(settings, onFinished);
    const url = await mien.url();
    await until(() => broker.visits()[2]);
    fillUp(join(disk, 'other'));
    await until(async () => (await healthOf(url)).store.code === 'disk-full' || undefined);
    const { status, reasons } = await healthOf(url);
    expect(status).toBe('degraded');
    expect(reasons).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^log failing: .*is full\. Free some space there .*rows wait in memory/),
      ]),
    );
    const before = broker.visits().length;
    await until(() => broker.visits()[before + 3]);
    expect((await fetch(url)).status).toBe(200);

    rmSync(join(disk, 'other'));
    await until(async () => (await healthOf(url)).store.state === 'ok' || undefined);
    const after = broker.visits().length;
    await until(() => broker.visits()[after]);
    expect(await mien.stop()).toBe(0);
    const ids = broker.visits().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(visitIdsIn(settings.dataDir)).toEqual(expect.arrayContaining(ids));
  });

  test('a database that is overwritten, before the start or while the daemon runs: it is set aside, and logging goes on', async (context) => {
    const { expect, onTestFinished: onFinished } = context;
    const dataDir = join(scratch, 'damaged');
    const damaged = () => readdirSync(dataDir).filter((name) => name.startsWith('mien.db.damaged-'));
    const broker = await startBroker(onFinished);
    const before = runDaemon({ dataDir, 'mqtt.url': broker.url }, onFinished);
    await before.url();
    await until(() => broker.visits()[2]);
    expect(await before.stop()).toBe(0);
    const published = broker.visits().map(({ id }) => id);
    const file = join(dataDir, 'mien.db');
    writeFileSync(file, readFileSync(file).fill(0xa5, 0, 4096));

    // Page and broker go on, and every visit is there again.
    const mien = runDaemon({ dataDir, 'mqtt.url': broker.url }, onFinished);
    const url = await mien.url();
    expect((await fetch(url)).status).toBe(200);
    await until(() => broker.visits()[published.length + 1]);
    await until(async () => (await healthOf(url)).store.code === undefined || undefined);
    const { body } = await visitsOf(url);
    expect(body.visits!.map(({ id }) => id)).toEqual(expect.arrayContaining(published));
    const aside = damaged().length;
    expect(aside).toBeGreaterThan(0);
    const ids = broker.visits().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);

    // While the daemon runs: history is 503 at worst.
    overwritePages(file);
    const statuses = new Set<number>();
    await until(async () => {
      statuses.add((await visitsOf(url)).status);
      return damaged().length > aside || undefined;
    });
    await until(async () => (await visitsOf(url)).body.visits?.[0]);
    await until(async () => (await healthOf(url)).store.code === undefined || undefined);
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect((await healthOf(url)).store.state).toBe('ok');
  });

  test('SIGKILL during a visit: the next start logs the visit, marked as cut, and publishes it once', async (context) => {
    const { expect, onTestFinished: onFinished } = context;
    const dataDir = join(scratch, 'cut');
    const broker = await startBroker(onFinished);
    const settings = {
      dataDir,
      'camera.pace': 'source',
      'camera.fps': 15,
      'visits.minDwellMs': 1000,
      'mqtt.url': broker.url,
    };
    const first = runDaemon(settings, onFinished);
    await first.url();
    const stay = await until(() => stayIn(dataDir, 2500));
    await first.stop('SIGKILL');

    const second = runDaemon(settings, onFinished);
    const cut = await until(() => broker.visits().find((visit) => visit.cut));
    expect(cut.id).toMatch(new RegExp(`^${stay.bootId}-\\d+$`));
    // At least as long as in the database, at most longer by the time until the kill.
    expect(cut.dwell_ms).toBeGreaterThanOrEqual(stay.dwellMs);
    expect(cut.dwell_ms).toBeLessThan(stay.dwellMs + 10_000);
    await until(() => isAcknowledged(dataDir, cut.id) || undefined);
    await second.stop('SIGKILL');

    const third = runDaemon(settings, onFinished);
    const { body } = await visitsOf(await third.url());
    expect(body.visits!.filter(({ id }) => id === cut.id)).toEqual([expect.objectContaining({ cut: true })]);
    expect(broker.visits().filter(({ id }) => id === cut.id)).toHaveLength(1);
  });
});

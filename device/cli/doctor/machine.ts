import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { describeError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { runProgram } from '../../core/run-program.ts';
import { addressesOf } from '../../http/server/addresses.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Checks that the data folder is writable and its disk has space. */
export async function checkDisk(dataDir: string): Promise<Finding> {
  const part = 'disk';
  const folder = existing(resolve(dataDir));
  try {
    // Only writing is a reliable test: permission bits do not show a read-only mount or a full disk.
    const probe = await mkdtemp(join(folder, '.mien-doctor-'));
    await writeFile(join(probe, 'probe'), Buffer.alloc(64 * 1024), { flush: true });
    await rm(probe, { recursive: true });
  } catch (error) {
    const remedy = 'Make it writable for this user and free space, or set dataDir to another folder';
    return fail(part, `cannot write to ${folder}: ${describeError(error)}`, remedy);
  }
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  const detail = `${freeMb} MB free in ${folder}`;
  if (freeMb < 50) return fail(part, detail, 'Free some space: the log needs at least 50 MB');
  if (freeMb < 500) return warn(part, detail, 'Free some space, or set store.visitsDays lower');
  return ok(part, detail);
}

/** The folder, or its nearest existing parent. */
function existing(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : existing(dirname(folder));
}

/** Checks that the wall clock is not before the installation of Mien, and is synchronised with a time server. */
export async function checkClock(now = Date.now()): Promise<Finding> {
  const part = 'clock';
  const shown = new Date(now).toISOString();
  const installed = statSync(join(packageRoot, 'package.json')).mtimeMs;
  const remedy = 'Run: sudo timedatectl set-ntp true (the network must let NTP through, UDP port 123)';
  if (now < installed - 86_400_000) return fail(part, `${shown} is before Mien was installed here`, remedy);
  const { code, stdout } = await runProgram('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], 3000);
  if (code === 0 && stdout.trim() === 'no') return warn(part, `${shown}, not synchronised`, remedy);
  return ok(part, `${shown}${code === 0 ? ', synchronised' : ''}`);
}

/** Checks that the port of the kiosk page is free, or that Mien itself uses it. */
export async function checkPort(http: Config['http']): Promise<Finding> {
  const { host, port } = http;
  const part = 'port';
  const address = `${host}:${port}`;
  const fault = await tryListen(host, port);
  if (fault === undefined) return ok(part, `${address} is free`);
  if (fault === 'EADDRINUSE') {
    if (await isMien(addressesOf(http, port).origin)) return ok(part, `Mien runs at ${address}`);
    const remedy = `Stop that program (ss -ltnp "sport = :${port}" shows it), or set http.port to another port`;
    return fail(part, `${address} is in use by another program`, remedy);
  }
  return fail(part, `cannot listen on ${address}: ${fault}`, 'Set http.port to a free port above 1023');
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => settle(undefined)));
  });
}

async function isMien(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
    const health = (await response.json()) as { status?: unknown; frames?: unknown };
    return typeof health.status === 'string' && typeof health.frames === 'object';
  } catch {
    return false; // Not a working Mien.
  }
}

/** Checks temperature and throttling (Raspberry Pi); no finding without a sensor. */
export async function checkTemperature(root = '/'): Promise<readonly Finding[]> {
  const zones = join(root, 'sys/class/thermal');
  const names = existsSync(zones) ? readdirSync(zones).filter((name) => name.startsWith('thermal_zone')) : [];
  const degrees = names.map((name) => readDegrees(join(zones, name, 'temp'))).filter((value) => value !== undefined);
  const throttled = await readThrottled();
  if (throttled !== undefined) return [throttled];
  if (degrees.length === 0) return [];
  const hottest = Math.round(Math.max(...degrees));
  const cool = 'Add a heat sink, a fan or ventilation; a hot board slows down';
  return [hottest >= 80 ? warn('temperature', `${hottest} °C`, cool) : ok('temperature', `${hottest} °C`)];
}

function readDegrees(file: string): number | undefined {
  try {
    const value = Number(readFileSync(file, 'utf8')) / 1000;
    return value > 0 && value < 200 ? value : undefined;
  } catch {
    return undefined; // Reading a disabled sensor fails.
  }
}

const throttleBits: readonly (readonly [number, string])[] = [
  [0, 'too little voltage'],
  [1, 'clock capped'],
  [2, 'throttled'],
  [3, 'too hot'],
];

/** Current faults from the firmware of a Raspberry Pi; undefined without faults or on other boards. */
async function readThrottled(): Promise<Finding | undefined> {
  const { code, stdout } = await runProgram('vcgencmd', ['get_throttled'], 3000);
  if (code !== 0) return undefined;
  const flags = Number(/throttled=(0x[0-9a-f]+)/i.exec(stdout)?.[1] ?? 0);
  const now = throttleBits.filter(([bit]) => flags & (1 << bit)).map(([, text]) => text);
  if (now.length === 0) return undefined;
  return warn('temperature', `the board reports: ${now.join(', ')}`, 'Use a stronger power supply and cool the board');
}

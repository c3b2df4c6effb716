import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { quantile } from './table.ts';

export interface EndToEndRow {
  readonly run: string;
  /** Frames a second from the source to the sinks. */
  readonly 'frames/s': number;
  readonly 'viewer fps': number;
  /** Of all processes together. */
  readonly 'CPU ms/frame': number;
  readonly 'cores busy': number;
  /** Resident memory of all processes, shared pages counted once (proportional set size). */
  readonly 'memory MB': number;
  readonly 'first reading s': number;
  readonly 'healthz p50 ms': number;
  readonly 'healthz p99 ms': number;
}

/** Runs the whole product on the demo clip and measures it from outside. */
export async function benchEndToEnd(options: {
  name: string;
  seconds: number;
  viewers: number;
  pace: 'max' | 'source';
}): Promise<EndToEndRow> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mien-bench-'));
  const startedAt = performance.now();
  const daemon = startDaemon(dataDir, options.pace);
  try {
    const url = await addressOf(daemon);
    const firstReading = (await firstReadingAt(url)) - startedAt;
    const viewers = Array.from({ length: options.viewers }, () => watch(url));
    await sleep(2000);

    const pids = await processTree(daemon.pid!);
    const before = { at: performance.now(), frame: await newestFrame(url), cpu: cpuSeconds(pids) };
    const seenBefore = viewers.map(({ seen }) => seen());
    const health: number[] = [];
    let peakMemory = 0;
    while (performance.now() - before.at < options.seconds * 1000) {
      health.push(await timeOf(`${url}/healthz`));
      if (health.length % 20 === 0) peakMemory = Math.max(peakMemory, memoryMb(pids));
      await sleep(20);
    }
    const seconds = (performance.now() - before.at) / 1000;
    const frames = (await newestFrame(url)) - before.frame;
    const cpu = cpuSeconds(pids) - before.cpu;
    const viewed = viewers.map(({ seen }, i) => (seen() - seenBefore[i]!) / seconds);
    for (const viewer of viewers) viewer.close();
    return {
      run: options.name,
      'frames/s': frames / seconds,
      'viewer fps': viewed.length > 0 ? Math.min(...viewed) : 0,
      'CPU ms/frame': (1000 * cpu) / frames,
      'cores busy': cpu / seconds,
      'memory MB': peakMemory,
      'first reading s': firstReading / 1000,
      'healthz p50 ms': quantile(health, 0.5),
      'healthz p99 ms': quantile(health, 0.99),
    };
  } finally {
    daemon.kill('SIGTERM');
    await new Promise((resolve) => daemon.once('exit', resolve));
    await rm(dataDir, { recursive: true, force: true });
  }
}

function startDaemon(dataDir: string, pace: string): ChildProcess {
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
  const settings = [
    `dataDir=${dataDir}`,
    `camera.pace=${pace}`,
    'camera.fps=120',
    'http.port=0',
    'mqtt.enabled=false',
    'log.format=json',
  ];
  const flags = settings.flatMap((setting) => ['--set', setting]);
  return spawn(process.execPath, [cli, 'run', '--source', 'demo', ...flags], { stdio: ['ignore', 'inherit', 'pipe'] });
}

/** The daemon logs the address of its page. */
function addressOf(daemon: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    daemon.stderr!.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const port = /http:\/\/localhost:(\d+)/.exec(text)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    daemon.once('exit', () => reject(new Error(`The daemon ended: ${text}`)));
  });
}

async function firstReadingAt(url: string): Promise<number> {
  for (;;) {
    if ((await fetch(`${url}/api/v1/reading`)).status === 200) return performance.now();
    await sleep(20);
  }
}

async function newestFrame(url: string): Promise<number> {
  const reading = (await (await fetch(`${url}/api/v1/reading`)).json()) as { frame: number };
  return reading.frame;
}

function watch(url: string): { seen: () => number; close: () => void } {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`);
  let frames = 0;
  socket.on('message', (_data, isBinary) => {
    frames += isBinary ? 1 : 0;
  });
  return { seen: () => frames, close: () => socket.close() };
}

async function timeOf(url: string): Promise<number> {
  const start = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - start;
}

/** The process and its children (the vision process). */
async function processTree(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children];
}

/** User and system time so far (proc(5): fields 14 and 15 of stat, in ticks of 10 ms). */
function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

function memoryMb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return sum + Number(pss ?? 0) / 1024;
  }, 0);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { until } from '../../lab/fixtures/mien.ts';
import { Processes } from './processes.ts';

/** A process that uses 0.2 s of CPU time and then waits. */
async function busyProcess(): Promise<ChildProcess> {
  const work = 'while (process.cpuUsage().user < 200_000); console.log("done"); setInterval(() => {}, 1e9)';
  const child = spawn(process.execPath, ['-e', work], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('CPU time and written bytes go on over a restart of the process, its memory does not', async () => {
  let child: ChildProcess | undefined = await busyProcess();
  const processes = new Processes({ daemon: () => undefined, vision: () => child?.pid, uploads: () => undefined });
  const vision = () => processes.read().find(({ process }) => process === 'vision')!;
  const first = vision();
  expect(first.cpuSeconds).toBeGreaterThan(0.15);
  expect(first.memory!.residentBytes).toBeGreaterThan(20e6);
  await end(child);
  child = undefined;
  expect(vision()).toEqual({ ...first, memory: undefined });
  child = await busyProcess();
  const second = vision();
  expect(second.cpuSeconds!).toBeGreaterThan(first.cpuSeconds! + 0.15);
  expect(second.writtenBytes!).toBeGreaterThanOrEqual(first.writtenBytes!);
  await end(child);
});

test('a process that was never seen has no figures, and one that ended between two scrapes keeps its own', async () => {
  const child = await busyProcess();
  const processes = new Processes({ daemon: () => process.pid, vision: () => child.pid, uploads: () => undefined });
  const [, before] = processes.read();
  await end(child);
  await until(() => (child.exitCode !== null || child.signalCode !== null ? true : undefined));
  const [daemon, vision, uploads] = processes.read();
  expect(uploads).toEqual({ process: 'uploads' });
  expect(vision).toEqual({ ...before, memory: undefined });
  expect(daemon!.cpuSeconds).toBeGreaterThan(0);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { filesBelow } from '../lab/fixtures/import-graph.ts';
import { childEnvironment } from './child-environment.ts';
import { packageRoot } from './paths.ts';
import { runPatiently, runProgram } from './run-program.ts';

/** As systemd 257 sets them for a service with a notification socket, a watchdog and a credential. */
const ofSystemd = {
  NOTIFY_SOCKET: '/run/systemd/notify',
  LISTEN_PID: '7',
  LISTEN_FDS: '1',
  LISTEN_FDNAMES: 'notify',
  WATCHDOG_PID: '7',
  WATCHDOG_USEC: '10000000',
  CREDENTIALS_DIRECTORY: '/run/credentials/mien.service',
  INVOCATION_ID: '0123',
  JOURNAL_STREAM: '8:9',
  SYSTEMD_EXEC_PID: '7',
  MEMORY_PRESSURE_WATCH: '/sys/fs/cgroup/memory.pressure',
};

test('a child gets the environment without what is meant for the daemon alone', () => {
  const kept = { PATH: '/bin', LANG: 'C.UTF-8', MALLOC_ARENA_MAX: '2', XDG_RUNTIME_DIR: '/run', INVOCATION: 'kept' };
  expect(childEnvironment({ ...ofSystemd, ...kept, MIEN_MQTT_PASSWORD: 'secret' })).toEqual(kept);
});

test('a program that the daemon runs has no secret in its environment', async () => {
  vi.stubEnv('MIEN_MQTT_PASSWORD', 'secret');
  vi.stubEnv('CREDENTIALS_DIRECTORY', '/run/credentials/mien.service');
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const { stdout } of [
    await runProgram('env', []),
    await runPatiently('env', [], { idleMs: 10_000, totalMs: 20_000 }),
  ]) {
    expect(stdout).toContain('LC_ALL=C\n');
    expect(stdout).not.toMatch(/^(MIEN_|CREDENTIALS_)/m);
  }
});

test('every place that starts a process chooses its environment', () => {
  const starts = /\b(fork|spawn|spawnSync|execFile|execFileSync|execute)\(/;
  const product = filesBelow(['device'], /\.ts$/).filter((path) => !/^device\/(lab|release)\/|\.test\.ts$/.test(path));
  const starting = product.filter((path) => {
    const text = readFileSync(join(packageRoot, path), 'utf8');
    return text.includes("from 'node:child_process'") && starts.test(text);
  });
  expect(starting).toContain('device/core/run-program.ts');
  const careless = starting.filter((path) => {
    const text = readFileSync(join(packageRoot, path), 'utf8');
    return (
      !/childEnvironment\(\)|screenEnvironment\(|env: \{\}/.test(text) ||
      /\.\.\.process\.env\b|env: process\.env/.test(text)
    );
  });
  expect(careless.map((path) => `${path} starts a process: pass env: childEnvironment()`)).toEqual([]);
});

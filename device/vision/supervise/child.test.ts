import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { childEnvironment } from '../../core/child-environment.ts';
import { packageRoot } from '../../core/paths.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { forkWorker } from './child.ts';

const scratch = scratchFolder();
const entry = join(scratch, 'worker.mjs');
writeFileSync(entry, 'process.send({ args: process.execArgv, env: process.env }, () => process.disconnect());');

afterEach(() => {
  vi.unstubAllEnvs();
});

async function whatAWorkerHas() {
  const worker = forkWorker(entry);
  const [said] = (await once(worker, 'message')) as [{ args: string[]; env: Record<string, string> }];
  return said;
}

test("a worker has small memory settings and the daemon's environment without its settings", async () => {
  vi.stubEnv('MIEN_MQTT_PASSWORD', 'secret');
  vi.stubEnv('LANG_OF_TEST', 'ur');
  const { args, env } = await whatAWorkerHas();
  expect(args).toContain('--max-semi-space-size=2');
  expect(env).toMatchObject({ MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', LANG_OF_TEST: 'ur' });
  expect(Object.keys(env).filter((name) => name.startsWith('MIEN_'))).toEqual([]);
});

test("a worker has no flag of the daemon's Node, and nothing that systemd tells the daemon", async () => {
  const before = process.execArgv;
  onTestFinished(() => {
    process.execArgv = before;
  });
  process.execArgv = ['--title=daemon'];
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'CREDENTIALS_DIRECTORY', 'INVOCATION_ID'])
    vi.stubEnv(name, '1');
  const { args, env } = await whatAWorkerHas();
  expect(args.filter((arg) => arg.startsWith('--'))).toEqual(['--max-semi-space-size=2']);
  expect(Object.keys(childEnvironment(env))).toEqual(Object.keys(env));
});

test('memory settings of the environment have precedence', async () => {
  vi.stubEnv('MALLOC_ARENA_MAX', '1');
  expect((await whatAWorkerHas()).env).toMatchObject({ MALLOC_ARENA_MAX: '1' });
});

test('a busy worker dies with its daemon, however the daemon ends', async () => {
  const busy = join(scratch, 'busy.mjs');
  writeFileSync(busy, "process.send('busy', () => { for (;;); });");
  const daemon = join(scratch, 'daemon.mjs');
  const built = join(packageRoot, 'device', 'dist', 'vision', 'supervise', 'child.js');
  writeFileSync(
    daemon,
    `import { forkWorker } from '${built}';
    const worker = forkWorker('${busy}');
    worker.on('message', () => process.stdout.write(worker.pid + '\\n'));`,
  );
  const running = spawn(process.execPath, [daemon], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(String((await once(running.stdout, 'data'))[0]));
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  running.kill('SIGKILL');
  await until(() => !existsSync(`/proc/${pid}`) || undefined);
});

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { scratchFolder } from '../test/scratch.ts';
import { forkWorker } from './child.ts';

const entry = join(scratchFolder(), 'worker.mjs');
writeFileSync(entry, 'process.send({ args: process.execArgv, env: process.env }, () => process.disconnect());');

afterEach(() => {
  vi.unstubAllEnvs();
});

async function whatAWorkerHas() {
  const worker = forkWorker(entry);
  const [said] = (await once(worker, 'message')) as [{ args: string[]; env: Record<string, string> }];
  return said;
}

test('a worker is lean, and has what the daemon has but its settings', async () => {
  vi.stubEnv('MIEN_MQTT_PASSWORD', 'secret');
  vi.stubEnv('LANG_OF_TEST', 'ur');
  const { args, env } = await whatAWorkerHas();
  expect(args).toContain('--max-semi-space-size=2');
  expect(env).toMatchObject({ MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', LANG_OF_TEST: 'ur' });
  expect(Object.keys(env).filter((name) => name.startsWith('MIEN_'))).toEqual([]);
});

test('who sets the heaps keeps them', async () => {
  vi.stubEnv('MALLOC_ARENA_MAX', '1');
  expect((await whatAWorkerHas()).env).toMatchObject({ MALLOC_ARENA_MAX: '1' });
});

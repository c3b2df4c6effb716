import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { examineApart } from './apart.ts';

function entry(script: string): string {
  const file = join(scratchFolder(), 'doctor.mjs');
  writeFileSync(file, script);
  return file;
}

const inputs = { file: undefined, env: {}, flags: {} };

test('the findings come from a process that the kernel would kill before the daemon', async () => {
  const script = `import { readFileSync } from 'node:fs';
process.once('message', ({ env }) => process.send([env.A, process.pid, readFileSync('/proc/self/oom_score_adj', 'utf8')], () => process.disconnect()));`;
  const [text, pid, score] = (await examineApart({ ...inputs, env: { A: 'given' } }, entry(script))) as unknown[];
  expect(text).toBe('given');
  expect(pid).not.toBe(process.pid);
  expect(Number(score)).toBeGreaterThanOrEqual(300);
});

test("the process has no secret in its environment, and no flag of the daemon's Node", async () => {
  vi.stubEnv('MIEN_MQTT_PASSWORD', 'secret');
  vi.stubEnv('NOTIFY_SOCKET', '/run/systemd/notify');
  onTestFinished(() => void vi.unstubAllEnvs());
  const script =
    "process.once('message', () => process.send([process.execArgv, process.env], () => process.disconnect()));";
  const [flags, env] = (await examineApart(inputs, entry(script))) as unknown as [string[], Record<string, string>];
  expect(flags).toEqual([]);
  expect(env).toHaveProperty('PATH');
  expect(Object.keys(env).filter((name) => name.startsWith('MIEN_') || name === 'NOTIFY_SOCKET')).toEqual([]);
});

test('a process that ends without an answer is an error', async () => {
  await expect(examineApart(inputs, entry('process.exit(3);'))).rejects.toThrow('ended without an answer');
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/fixtures/mien.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { cpuSecondsOf, memoryOf, writtenBytesOf } from './process-figures.ts';

const scratch = scratchFolder();

test('resident memory includes private memory', () => {
  const { residentBytes, privateBytes } = memoryOf(process.pid)!;
  expect(privateBytes).toBeGreaterThan(5e6);
  expect(residentBytes).toBeGreaterThan(privateBytes / 2);
});

test('CPU time agrees with what Node counts', () => {
  for (const endsAt = performance.now() + 200; performance.now() < endsAt; );
  const { user, system } = process.cpuUsage();
  expect(Math.abs(cpuSecondsOf(process.pid)! - (user + system) / 1e6)).toBeLessThan(0.1);
});

test('the ticks of /proc are those of this system', () => {
  expect(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout.trim()).toBe('100');
});

/** Files there are memory, which the kernel does not count as written. */
const isTmpfs = statfsSync(scratch).type === 0x01021994;

test.skipIf(isTmpfs)('written bytes count', () => {
  const before = writtenBytesOf(process.pid)!;
  const file = openSync(join(scratch, 'written'), 'w');
  writeSync(file, Buffer.alloc(3_000_000, 1));
  fsyncSync(file);
  closeSync(file);
  expect(writtenBytesOf(process.pid)! - before).toBeGreaterThanOrEqual(3_000_000);
});

test('a name with spaces and brackets does not shift the fields', async () => {
  const child = spawn('sh', ['-c', "printf '%s' ') S 1 9' > /proc/self/comm; read wait"], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    await until(() => (readFileSync(`/proc/${child.pid}/comm`, 'utf8').startsWith(')') ? true : undefined));
    expect(cpuSecondsOf(child.pid!)).toBeLessThan(5);
  } finally {
    child.kill();
  }
});

test('an ended process has none', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  expect(memoryOf(child.pid!)).toBeUndefined();
  expect(cpuSecondsOf(child.pid!)).toBeUndefined();
  expect(writtenBytesOf(child.pid!)).toBeUndefined();
});

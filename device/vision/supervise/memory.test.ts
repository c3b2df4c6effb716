import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { privateMemoryMb } from './memory.ts';

test('allocated and used memory counts', () => {
  const before = privateMemoryMb(process.pid)!;
  const taken = Buffer.alloc(200_000_000, 1);
  const after = privateMemoryMb(process.pid)!;
  expect(taken[0]).toBe(1);
  expect(after - before).toBeGreaterThan(150);
  expect(after - before).toBeLessThan(250);
});

test('an ended process has none', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  expect(privateMemoryMb(child.pid!)).toBeUndefined();
});

import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { lowerPriority } from './lower-priority.ts';

/** Replaces the call of the system. @returns the arguments of its calls */
function replaceSetPriority(forbidden: boolean): unknown[][] {
  const original = os.setPriority;
  onTestFinished(() => {
    os.setPriority = original;
    syncBuiltinESMExports();
  });
  const calls: unknown[][] = [];
  os.setPriority = (...args: unknown[]) => {
    calls.push(args);
    if (forbidden) throw new Error('A system error occurred: uv_os_setpriority returned EPERM');
  };
  syncBuiltinESMExports();
  return calls;
}

test('lowers the priority of the calling thread', () => {
  const calls = replaceSetPriority(false);
  lowerPriority(5);
  expect(calls).toEqual([[0, 5]]);
});

test('a service that may not change priorities goes on', () => {
  const calls = replaceSetPriority(true);
  lowerPriority(5);
  expect(calls).toHaveLength(1);
});

import { spawn } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { lowerPriority } from './lower-priority.ts';

test('lowers the priority of another process', () => {
  const child = spawn('sleep', ['10']);
  onTestFinished(() => void child.kill());
  const before = os.getPriority();
  lowerPriority(child.pid!, 10);
  expect([os.getPriority(child.pid!), os.getPriority()]).toEqual([Math.max(10, before), before]);
});

test('a service that may not change priorities goes on', () => {
  const allowed = os.setPriority;
  onTestFinished(() => {
    os.setPriority = allowed;
    syncBuiltinESMExports();
  });
  let asked = 0;
  os.setPriority = () => {
    asked += 1;
    throw Object.assign(new Error('A system error occurred: uv_os_setpriority returned EPERM'), {
      code: 'ERR_SYSTEM_ERROR',
    });
  };
  syncBuiltinESMExports();
  lowerPriority(0, 5);
  expect(asked).toBe(1);
});

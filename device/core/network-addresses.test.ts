import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { networkAddresses } from './network-addresses.ts';

test('lists the loopback address', () => {
  expect(networkAddresses().map(({ address }) => address)).toContain('127.0.0.1');
});

test('a service that may not ask the kernel has no addresses', () => {
  const allowed = os.networkInterfaces;
  onTestFinished(() => {
    os.networkInterfaces = allowed;
    syncBuiltinESMExports();
  });
  os.networkInterfaces = () => {
    throw Object.assign(new Error('A system error occurred: uv_interface_addresses returned EAFNOSUPPORT'), {
      code: 'ERR_SYSTEM_ERROR',
    });
  };
  syncBuiltinESMExports();
  expect(networkAddresses()).toEqual([]);
});

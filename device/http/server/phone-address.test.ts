import { expect, test } from 'vitest';
import { addressForPhones } from './phone-address.ts';

const at = (address: string, change = {}) => ({ address, family: 'IPv4', internal: false, ...change }) as never;
const loopback = at('127.0.0.1', { internal: true });
const addresses = () => [loopback, at('169.254.3.4'), at('fe80::1', { family: 'IPv6' }), at('192.168.1.7')];

test('a device on loopback only has no address for a phone', () => {
  for (const host of ['127.0.0.1', 'localhost', '::1']) expect(addressForPhones(host, addresses)).toBeUndefined();
});

test('a device on all addresses has the first address that a phone can use, if any', () => {
  expect(addressForPhones('0.0.0.0', addresses)).toBe('192.168.1.7');
  expect(addressForPhones('::', addresses)).toBe('192.168.1.7');
  expect(addressForPhones('0.0.0.0', () => [loopback])).toBeUndefined();
});

test('a device on one address has that address', () => {
  expect(addressForPhones('10.0.0.2', addresses)).toBe('10.0.0.2');
});

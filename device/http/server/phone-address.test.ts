import { expect, test } from 'vitest';
import { addressForPhones } from './phone-address.ts';

const at = (address: string, change = {}) => [{ address, family: 'IPv4', internal: false, ...change }] as never;
const interfaces = {
  lo: at('127.0.0.1', { internal: true }),
  usb0: at('169.254.3.4'),
  wlan0: at('fe80::1', { family: 'IPv6' }),
  eth0: at('192.168.1.7'),
};

test('a device on loopback only has no address for a phone', () => {
  for (const host of ['127.0.0.1', 'localhost', '::1']) expect(addressForPhones(host, interfaces)).toBeUndefined();
});

test('a device on all addresses has the first address that a phone can use, if any', () => {
  expect(addressForPhones('0.0.0.0', interfaces)).toBe('192.168.1.7');
  expect(addressForPhones('::', interfaces)).toBe('192.168.1.7');
  expect(addressForPhones('0.0.0.0', { lo: interfaces.lo })).toBeUndefined();
});

test('a device on one address has that address', () => {
  expect(addressForPhones('10.0.0.2', interfaces)).toBe('10.0.0.2');
});

import { describe, expect, test } from 'vitest';
import { isLoopback, plainAddress, urlHost } from './address.ts';

describe('addresses', () => {
  test.each(['127.0.0.1', '127.9.8.7', '::1', '[::1]', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])(
    '%s is this machine',
    (address) => {
      expect(isLoopback(address)).toBe(true);
    },
  );

  test.each(['', 'localhost', '0.0.0.0', '::', '10.0.0.7', '::ffff:10.0.0.7', '128.0.0.1', '127.0.0.1.nip.io'])(
    '%j may be another',
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );

  test('one spelling', () => {
    expect(plainAddress('::ffff:10.0.0.7')).toBe('10.0.0.7');
    expect(plainAddress('[FE80::1%eth0]')).toBe('fe80::1');
    expect(urlHost('::1')).toBe('[::1]');
    expect(urlHost('10.0.0.7')).toBe('10.0.0.7');
  });
});

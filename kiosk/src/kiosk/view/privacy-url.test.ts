import { expect, test } from 'vitest';
import { loginOf, privacyUrlOf } from './privacy-url.ts';

const here = { protocol: 'http:', port: '8080' };

test('is the address of the device under which this page was opened', () => {
  expect(privacyUrlOf({ address: '192.168.1.7' }, here)).toBe('http://192.168.1.7:8080/privacy');
  expect(privacyUrlOf({ address: 'fd00::7' }, { protocol: 'https:', port: '' })).toBe('https://[fd00::7]/privacy');
});

test('is that of the configuration first; a device without network access has none', () => {
  expect(privacyUrlOf({ address: '192.168.1.7', privacyUrl: 'https://a.example/p' }, here)).toBe('https://a.example/p');
  expect(privacyUrlOf({}, here)).toBeUndefined();
});

test('the address of the login page is short enough to type', () => {
  expect(loginOf('192.168.1.5', { protocol: 'http:', port: '8080' })).toBe('192.168.1.5:8080/login');
  expect(loginOf('fe80::1', { protocol: 'https:', port: '' })).toBe('https://[fe80::1]/login');
});

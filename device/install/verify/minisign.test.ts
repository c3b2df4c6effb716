import { expect, test } from 'vitest';
import { MienError } from '../../core/errors.ts';
import { readPublicKey, readPublicKeys, verifySignature } from './minisign.ts';

// Made with minisign 0.11: minisign -G -W; minisign -S -t 'trusted text'.
const publicText = 'RWQ28DrPerOH5puK7cLdURFJIILAG8SSKGv/PXpUbdaFztPRq1UiCKwc';
const message = Buffer.from('hello\n');
const lines = [
  'untrusted comment: signature from minisign secret key',
  'RUQ28DrPerOH5rT8NURiNYk2USCC3Fy0cuYzBsNdeMZvpQgHRbcqnPqGYA+WMwlk8+cE7kyiJoy4++sodBTfKDxEdHHmUpPrnQ0=',
  'trusted comment: trusted text',
  'W7FOi5lXT9vJ40LX0XotnGvQtr6r9qmnVYliJnCyVUBSNVA5rMyhVoNJsrNnplNExgaI7LxD2CypUtjsn+7xBg==',
  '',
];
const signature = lines.join('\n');
const key = readPublicKey(publicText);
const verify = (text = signature, bytes = message, keys = [key]) => verifySignature('a.json', bytes, text, keys);

test("a signature of minisign holds, and the key's file is read like its line", () => {
  expect(verify()).toBe('trusted text');
  expect(readPublicKey(`untrusted comment: minisign public key E687B37ACF3AF036\n${publicText}\n`)).toEqual(key);
  expect(key.id).toBe('E687B37ACF3AF036');
});

test.each([
  ['a changed message', () => verify(signature, Buffer.from('hellO\n'))],
  ['a changed trusted comment', () => verify(signature.replace('trusted text', 'trusted test'))],
  ['a changed signature', () => verify(signature.replace('YA+WMw', 'YA+WMx'))],
])('%s is refused as tampered', (_what, attempt) => {
  expect(attempt).toThrow('a.json does not match its signature: it was changed after it was signed');
});

test('another key is refused, with both ids', () => {
  const other = { ...key, id: '0123456789ABCDEF' };
  expect(() => verify(signature, message, [other])).toThrow(
    'a.json is signed with the key E687B37ACF3AF036, but trusted is 0123456789ABCDEF',
  );
  expect(() => verify(signature, message, [])).toThrow('but trusted are none');
});

test.each(['', '<html>404</html>', lines.slice(0, 2).join('\n')])('%j is no signature', (text) => {
  expect(() => verify(text)).toThrow('expected a signature of minisign beside a.json, got');
});

test('a text that is no public key is refused, with its remedy', () => {
  const attempt = () => readPublicKey('ssh-ed25519 AAAA');
  expect(attempt).toThrow(MienError);
  expect(attempt).toThrow('expected a public key of minisign (56 characters, RW...), got "ssh-ed25519 AAAA"');
});

test('a file may hold several keys', () => {
  const second = publicText.replace('RWQ28', 'RWQ29');
  const text = `untrusted comment: old\n${publicText}\nuntrusted comment: new\n${second}\n`;
  expect(readPublicKeys(text)).toEqual([key, readPublicKey(second)]);
  expect(() => readPublicKeys('')).toThrow('expected a public key of minisign');
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPublicKey, verifySignature } from '../install/verify/minisign.ts';
import { publicKeyText, readSecretKey, signatureOf, writeKeyPair } from './sign.ts';

const folder = mkdtempSync(join(tmpdir(), 'mien-sign-'));
const secretFile = join(folder, 'test.key');
const publicFile = join(folder, 'test.pub');
writeKeyPair(secretFile, publicFile);
const keys = [readPublicKey(readFileSync(publicFile, 'utf8'))];
const message = Buffer.from('a release\n');
const hasMinisign = spawnSync('minisign', ['-v']).status === 0;

test('a signature holds for its message and gives its comment', () => {
  const signature = signatureOf(message, 'mien 1.2.0', readSecretKey(secretFile));
  expect(verifySignature('a.json', message, signature, keys)).toBe('mien 1.2.0');
});

test('the secret key is readable by its owner only, and is never replaced', () => {
  expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  expect(() => writeKeyPair(secretFile, publicFile)).toThrow(/a key cannot be written: EEXIST/);
});

test('a file that is no key is refused', () => {
  const file = join(folder, 'no.key');
  writeFileSync(file, 'hello');
  expect(() => readSecretKey(file)).toThrow(`expected ${file} to be a secret key of minisign, got something else`);
  expect(() => readSecretKey(join(folder, 'none'))).toThrow('cannot be read');
});

test('a key with a password is refused, with the way out', () => {
  const file = join(folder, 'locked.key');
  const [comment, line = ''] = readFileSync(secretFile, 'utf8').split('\n');
  const bytes = Buffer.from(line, 'base64');
  bytes.write('Sc', 2, 'latin1');
  writeFileSync(file, `${comment}\n${bytes.toString('base64')}\n`);
  expect(() => readSecretKey(file)).toThrow(`expected ${file} to be a key without a password, got one with a password`);
});

test.skipIf(!hasMinisign)('minisign accepts these keys and signatures (skipped without minisign)', () => {
  const file = join(folder, 'message');
  writeFileSync(file, message);
  writeFileSync(`${file}.minisig`, signatureOf(message, 'mien 1.2.0', readSecretKey(secretFile)));
  const said = execFileSync('minisign', ['-V', '-m', file, '-p', publicFile], { encoding: 'utf8' });
  expect(said).toContain('Signature and comment signature verified');
  expect(said).toContain('mien 1.2.0');
});

test.skipIf(!hasMinisign)('keys and signatures of minisign are accepted here (skipped without minisign)', () => {
  const [file, secret, open] = ['other', 'other.key', 'other.pub'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, message);
  execFileSync('minisign', ['-G', '-W', '-s', secret, '-p', open]);
  execFileSync('minisign', ['-S', '-s', secret, '-m', file, '-t', 'by minisign']);
  const trusted = [...keys, readPublicKey(readFileSync(open, 'utf8'))];
  expect(verifySignature('other', message, readFileSync(`${file}.minisig`, 'utf8'), trusted)).toBe('by minisign');
  expect(publicKeyText(readSecretKey(secret))).toBe(readFileSync(open, 'utf8'));
  // The older form, without the hash.
  execFileSync('minisign', ['-S', '-l', '-s', secret, '-m', file, '-t', 'legacy']);
  expect(verifySignature('other', message, readFileSync(`${file}.minisig`, 'utf8'), trusted)).toBe('legacy');
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSecretKey, signatureOf, writeKeyPair } from '../../release/sign.ts';
import { sha256Of, verifyArchive } from './archive.ts';
import { type Channel, chooseArtifact, type Device, readChannel } from './channel.ts';
import { readPublicKey } from './minisign.ts';

const folder = mkdtempSync(join(tmpdir(), 'mien-channel-'));
const keys = [readPublicKey(writeKeyPair(join(folder, 'a.key'), join(folder, 'a.pub')))];
const secret = readSecretKey(join(folder, 'a.key'));
const channel: Channel = {
  schema: 1,
  channel: 'stable',
  version: '1.4.0',
  floor: '1.2.0',
  signed: '2026-11-30T00:00:00Z',
  expires: '2027-02-28T00:00:00Z',
  artifacts: [
    { arch: 'x64', file: 'mien-1.4.0-x64.tar.gz', bytes: 9, unpackedBytes: 20, sha256: 'a'.repeat(64) },
    { arch: 'arm64', file: 'mien-1.4.0-arm64.tar.gz', bytes: 8, unpackedBytes: 20, sha256: 'b'.repeat(64) },
  ],
};
const device: Device = {
  arch: 'arm64',
  now: Date.parse('2026-12-24T00:00:00Z'),
  installed: { version: '1.3.0', floor: '1.1.0' },
};
const choose = (changes: Partial<Channel>, of: Partial<Device> = {}) =>
  chooseArtifact({ ...channel, ...changes }, { ...device, ...of });
const read = (value: unknown) => {
  const bytes = Buffer.from(JSON.stringify(value));
  return readChannel('mien-stable.json', bytes, signatureOf(bytes, '', secret), keys);
};

test('the archive for the device is chosen', () => {
  expect(chooseArtifact(read(channel), device).file).toBe('mien-1.4.0-arm64.tar.gz');
  expect(choose({}, { arch: 'x64' }).file).toBe('mien-1.4.0-x64.tar.gz');
  expect(choose({}, { installed: undefined }).file).toBe('mien-1.4.0-arm64.tar.gz');
  // The same version again: a repair.
  expect(choose({}, { installed: { version: '1.4.0', floor: '1.4.0' } }).bytes).toBe(8);
});

test('changed metadata is refused', () => {
  const signature = signatureOf(Buffer.from(JSON.stringify(channel)), '', secret);
  const changed = Buffer.from(JSON.stringify({ ...channel, expires: '2036-02-28T00:00:00Z' }));
  expect(() => readChannel('mien-stable.json', changed, signature, keys)).toThrow(
    'mien-stable.json does not match its signature: it was changed after it was signed',
  );
});

test('signed metadata of another form is refused, with the field', () => {
  expect(() => read({ ...channel, schema: 2 })).toThrow('mien-stable.json: schema: Invalid input: expected 1');
  expect(() => read({ ...channel, version: 'v1' })).toThrow(
    'mien-stable.json: version: expected a version such as 1.2.0',
  );
  expect(() => read('x')).toThrow('mien-stable.json: the file: Invalid input: expected object, received string');
  const [first] = channel.artifacts;
  expect(() => read({ ...channel, artifacts: [{ ...first, file: '../../etc/x.tar.gz' }] })).toThrow(
    'mien-stable.json: artifacts.0.file: Invalid string',
  );
});

test('expired metadata is refused: a mirror that stands still', () => {
  expect(() => choose({}, { now: Date.parse('2027-03-01T00:00:00Z') })).toThrow(
    'The metadata of Mien 1.4.0 expired at 2027-02-28T00:00:00Z, it is 2027-03-01',
  );
});

test('a clock before the day of signing is refused', () => {
  expect(() => choose({}, { now: 0 })).toThrow(
    'The clock of this device (1970-01-01) is before the day on which Mien 1.4.0 was signed (2026-11-30T00:00:00Z)',
  );
});

test('a release below the floor is refused, also by the floor of what is installed and for a rollback by hand', () => {
  const message = (version: string) => `Mien 1.4.0 is older than ${version}, the oldest version that may be installed`;
  expect(() => choose({ floor: '1.4.1' })).toThrow(message('1.4.1'));
  const installed = { version: '1.6.0', floor: '1.5.0' };
  expect(() => choose({}, { installed, mayGoBack: true })).toThrow(message('1.5.0'));
});

test('a release older than the installed one is refused, unless somebody goes back by hand', () => {
  const installed = { version: '1.10.0', floor: '1.0.0' };
  expect(() => choose({}, { installed })).toThrow('Mien 1.4.0 is older than the installed 1.10.0');
  expect(choose({}, { installed, mayGoBack: true }).bytes).toBe(8);
});

test('a device of another kind is refused', () => {
  expect(() => choose({}, { arch: 'arm' })).toThrow('Mien 1.4.0 is made for x64 and arm64, this device is arm');
});

test('an archive is compared with its metadata', async () => {
  const file = join(folder, 'mien.tar.gz');
  writeFileSync(file, 'archive');
  const artifact = { ...channel.artifacts[0]!, bytes: 7, sha256: await sha256Of(file) };
  await verifyArchive(file, artifact);
  await expect(verifyArchive(file, { ...artifact, bytes: 8 })).rejects.toThrow(
    'mien.tar.gz: expected 8 bytes, got 7: it was damaged or changed',
  );
  writeFileSync(file, 'archivE');
  await expect(verifyArchive(file, artifact)).rejects.toThrow(/mien\.tar\.gz: expected sha256 \w{64}, got \w{64}/);
  await expect(verifyArchive(join(folder, 'none'), artifact)).rejects.toThrow('cannot be read');
});

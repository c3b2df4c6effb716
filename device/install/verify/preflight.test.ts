import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Machine, preflight, probeNative, thisMachine } from './preflight.ts';
import { type Release, readRelease } from './release.ts';

const release: Release = {
  name: 'mien',
  version: '1.4.0',
  arch: 'arm64',
  versionFloor: '1.2.0',
  commit: '0'.repeat(40),
  released: '2026-11-30T12:00:00Z',
  expires: '2027-05-29T12:00:00Z',
  node: '20.20.2',
  glibc: '2.35',
  unpackedBytes: 200e6,
};
const machine: Machine = { arch: 'arm64', glibc: '2.36', freeBytes: 1e9, now: Date.parse('2026-12-01') };
const lacks = (changes: Partial<Machine>) =>
  preflight(release, { ...machine, ...changes }).map(({ message }) => message);

test('a machine that has everything lacks nothing', () => {
  expect(lacks({})).toEqual([]);
  expect(lacks({ glibc: '2.35' })).toEqual([]);
});

test('each lack says what was expected and found', () => {
  expect(lacks({ arch: 'arm' })).toEqual(['Mien 1.4.0 is made for arm64, this device is arm']);
  expect(lacks({ glibc: '2.4' })).toEqual(['expected glibc 2.35 or newer, got 2.4']);
  expect(lacks({ glibc: undefined })).toEqual(['expected glibc 2.35 or newer, got another C library']);
  expect(lacks({ freeBytes: 250e6 })).toEqual(['expected 300 MB of free space, got 250 MB']);
  expect(lacks({ now: 0 })).toEqual(['the clock says 1970-01-01, before the release was made (2026-11-30)']);
  expect(lacks({ glibc: '2.31', freeBytes: 0 })).toHaveLength(2);
});

test('this machine is described, also for a folder that is not there yet', () => {
  const here = thisMachine(join(tmpdir(), 'mien-none/releases'));
  expect(here.arch).toBe(process.arch);
  expect(here.glibc).toMatch(/^2\.\d+$/);
  expect(here.freeBytes).toBeGreaterThan(0);
});

test('native modules are loaded by the Node of the release, each in its own process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mien-probe-'));
  mkdirSync(join(folder, 'bin'));
  const node = (script: string) => {
    writeFileSync(join(folder, 'bin/node'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin/node'), 0o755);
  };
  node('exit 0');
  expect(await probeNative(folder)).toEqual([]);
  node('case "$2" in *sqlite3*) kill -ILL $$;; esac');
  expect((await probeNative(folder)).map(({ what, message }) => `${what}: ${message}`)).toEqual([
    'cpu: SQLite needs an instruction that this processor lacks (SIGILL)',
  ]);
  node('echo "Error: libstdc++.so.6: cannot open shared object file" >&2; exit 1');
  expect((await probeNative(folder)).map(({ message }) => message)).toEqual(
    ['OpenCV', 'ONNX Runtime', 'SQLite'].map(
      (name) => `${name} does not load: Error: libstdc++.so.6: cannot open shared object file`,
    ),
  );
});

test('a folder without release.json is no release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mien-release-'));
  const message = `${folder}/release.json is no description of a release of Mien`;
  expect(() => readRelease(folder)).toThrow(message);
  writeFileSync(join(folder, 'release.json'), JSON.stringify({ ...release, arch: 'mips' }));
  expect(() => readRelease(folder)).toThrow(message);
  writeFileSync(join(folder, 'release.json'), JSON.stringify(release));
  expect(readRelease(folder)).toEqual(release);
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { glibcVersions, refuseBuildPaths, refuseMissing } from './inspect.ts';

const needed = (name: string) => ` 0x0000000000000001 (NEEDED)             Shared library: [${name}]\n`;

test('libraries of every Debian and of the archive are accepted', () => {
  const text =
    needed('libc.so.6') + needed('libstdc++.so.6') + needed('ld-linux-aarch64.so.1') + needed('libavcodec-mien.so.61');
  expect(() => refuseMissing('a.node', text, ['x/lib/libavcodec-mien.so.61'])).not.toThrow();
});

test('a library that a device may lack is named', () => {
  expect(() => refuseMissing('a.node', needed('libz.so.1'), ['x/other-libz.so.1'])).toThrow(
    'a.node: expected only libraries of glibc and GCC and those in the archive, got libz.so.1',
  );
});

test('a path of the build machine is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mien-inspect-'));
  writeFileSync(join(folder, 'a.so'), '\0/home/ada/mien/device/x.cc\0');
  expect(() => refuseBuildPaths(folder, ['a.so'], ['/home/ada/mien'])).toThrow(
    'a.so: expected no path of the build machine, got /home/ada/mien',
  );
  expect(() => refuseBuildPaths(folder, ['a.so'], ['/home/ada/mie', '/root', '/'])).not.toThrow();
});

test('the versions of glibc are read from readelf', () => {
  const text = '  0x0010:   Name: GLIBC_2.34  Flags: none\n  0x0020:   Name: GLIBCXX_3.4.29\n 0x1: Name: GLIBC_2.2.5\n';
  expect(glibcVersions(text)).toEqual(['2.34', '2.2']);
});

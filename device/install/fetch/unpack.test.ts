import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { unpack } from './unpack.ts';

const scratch = new TestFolder();
const at = (name: string) => join(scratch.path, name);
const tar = (...args: string[]) => execFileSync('tar', ['-czf', at('a.tar.gz'), '-C', scratch.path, ...args]);

beforeEach(() => {
  mkdirSync(at('mien-1/bin'), { recursive: true });
  writeFileSync(at('mien-1/bin/mien'), 'program', { mode: 0o755 });
});

test('the folder of the archive is left out, modes are kept, links inside too', async () => {
  symlinkSync('bin/mien', at('mien-1/mien'));
  tar('mien-1');
  await unpack(at('a.tar.gz'), at('out'));
  expect(readFileSync(at('out/bin/mien'), 'utf8')).toBe('program');
  expect(statSync(at('out/bin/mien')).mode & 0o777).toBe(0o755);
  expect(lstatSync(at('out/mien')).isSymbolicLink()).toBe(true);
});

test('what lay in the folder is gone', async () => {
  scratch.write('out/old');
  tar('mien-1');
  await unpack(at('a.tar.gz'), at('out'));
  expect(existsSync(at('out/old'))).toBe(false);
});

const refused = async () => {
  await expect(unpack(at('a.tar.gz'), at('out'))).rejects.toThrow(/cannot be unpacked/);
  expect(existsSync(at('out'))).toBe(false);
};

test.each(['/etc', '../../secret', '..'])('a link to %s is refused', async (target) => {
  symlinkSync(target, at('mien-1/link'));
  tar('mien-1');
  await refused();
});

test('nothing is written through a link that leads out', async () => {
  mkdirSync(at('victim'));
  symlinkSync(at('victim'), at('mien-1/link'));
  tar('mien-1');
  rmSync(at('mien-1/link'));
  scratch.write('mien-1/link/file', 'planted');
  execFileSync('sh', ['-c', 'gunzip a.tar.gz && tar -rf a.tar mien-1/link/file && gzip a.tar'], { cwd: scratch.path });
  await refused();
  expect(existsSync(at('victim/file'))).toBe(false);
});

test('a name with .. is refused', async () => {
  scratch.write('evil', 'planted');
  tar('--absolute-names', '--transform=s,^evil,mien-1/../../../evil2,', 'mien-1', 'evil');
  await refused();
  expect(existsSync(at('evil2'))).toBe(false);
});

test('a pipe is refused', async () => {
  execFileSync('mkfifo', [at('mien-1/pipe')]);
  tar('mien-1');
  await refused();
});

test('a cut archive is refused', async () => {
  tar('mien-1');
  writeFileSync(at('a.tar.gz'), readFileSync(at('a.tar.gz')).subarray(0, 60));
  await refused();
});

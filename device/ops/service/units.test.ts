/** The files of systemd/, judged by systemd's own programs. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { TestFolder } from '../../lab/fixtures/scratch.ts';

const folder = join(packageRoot, 'systemd');
const unitFile = join(folder, 'mien.service');
const unit = readFileSync(unitFile, 'utf8');
const scratch = new TestFolder();

/** Version of systemd, 0 without its programs. */
const version = Number(/^systemd (\d+)/.exec(run('systemd-analyze', '--version').stdout)?.[1] ?? 0);
if (version === 0) console.warn('skipped: the units of systemd (no systemd-analyze)');
const isRoot = process.getuid?.() === 0;

function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** A copy of the unit whose programs exist, with these drop-ins. @returns its path */
function installed(...dropIns: readonly string[]): string {
  const programs = join(scratch.path, 'bin');
  mkdirSync(programs);
  for (const name of ['node', 'mien-launch']) symlinkSync('/bin/true', join(programs, name));
  const here = (text: string) => text.replaceAll('/opt/mien/current/bin', programs);
  for (const name of dropIns) {
    const text = readFileSync(join(folder, 'drop-ins', name), 'utf8');
    scratch.write(`mien.service.d/${name}`, here(text));
  }
  return scratch.write('mien.service', here(unit));
}

function execStart(text: string): string | undefined {
  return /^ExecStart=(.+)$/m.exec(text)?.[1];
}

describe.skipIf(version === 0)('systemd', () => {
  const dropIns = readdirSync(join(folder, 'drop-ins')).filter((name) => name !== 'open-file.conf' || version >= 253);

  test.each([[], ...dropIns.map((name) => [name])])('finds no mistake in the unit %s', (...names: string[]) => {
    expect(run('systemd-analyze', 'verify', '--recursive-errors=one', installed(...names))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('counts an exposure of at most 1.3', () => {
    const { status, stdout } = run('systemd-analyze', 'security', '--offline=true', '--threshold=13', unitFile);
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/Overall exposure level for mien.service: 1\.[0-3] OK/);
  });

  test.skipIf(!isRoot)('makes the users with their groups, and the folders with their owners', () => {
    const root = scratch.path;
    mkdirSync(join(root, 'etc', 'mien'), { recursive: true });
    writeFileSync(join(root, 'etc', 'mien', 'mien.yaml'), '', { mode: 0o644 });
    const users = run('systemd-sysusers', `--root=${root}`, join(folder, 'sysusers.d', 'mien.conf'));
    expect(users.status, users.stderr).toBe(0);
    const groups = readFileSync(join(root, 'etc', 'group'), 'utf8');
    expect(groups).toMatch(/^video:.*:mien,mien-kiosk$/m);
    for (const name of ['render', 'input']) expect(groups).toMatch(new RegExp(`^${name}:.*:mien-kiosk$`, 'm'));
    const folders = run('systemd-tmpfiles', '--create', `--root=${root}`, join(folder, 'tmpfiles.d', 'mien.conf'));
    expect(folders).toEqual({ status: 0, stdout: '', stderr: '' });
    const gid = Number(/^mien:x:(\d+):/m.exec(groups)![1]);
    const at = (path: string) => {
      const { mode, uid, gid } = statSync(join(root, path));
      return [(mode & 0o7777).toString(8), uid, gid];
    };
    expect(at('opt/mien/releases')).toEqual(['755', 0, 0]);
    expect(at('etc/mien')).toEqual(['750', 0, gid]);
    expect(at('etc/mien/mien.yaml')).toEqual(['640', 0, gid]);
    expect(at('etc/mien/credentials')).toEqual(['700', 0, 0]);
  });

  test.skipIf(version < 254)('finds no mistake in the udev rule', () => {
    cpSync(join(folder, 'udev'), scratch.path, { recursive: true });
    const { status, stdout, stderr } = run('udevadm', 'verify', join(scratch.path, '70-mien-camera.rules'));
    expect(status, stdout + stderr).toBe(0);
  });
});

test('the drop-in without the launcher starts the same command', () => {
  const other = readFileSync(join(folder, 'drop-ins', 'open-file.conf'), 'utf8');
  expect(execStart(unit)).toBe(`/opt/mien/current/bin/mien-launch ${execStart(other)}`);
  expect(execStart(other)).toContain('/device/dist/cli.js run ');
});

test('mistakes of an operator are not repeated every 2 s', () => {
  const codes = /^RestartPreventExitStatus=(.+)$/m.exec(unit)![1]!.split(' ').map(Number);
  expect(codes).toEqual([exitCode.usage, exitCode.config]);
});

test('the README names each file of systemd/', () => {
  const text = readFileSync(join(folder, 'README.md'), 'utf8');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const unnamed = files.map(({ name }) => name).filter((name) => !text.includes(name) && !/kiosk|README/.test(name));
  expect(unnamed).toEqual([]);
});

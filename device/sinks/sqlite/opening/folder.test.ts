import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../core/paths.ts';
import { scratchFolder } from '../../../lab/fixtures/scratch.ts';
import { claimFolder } from './claim.ts';
import { openDatabase } from './database.ts';

const scratch = scratchFolder();
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('only its user can read a new data folder and each file in it', () => {
  const folder = join(scratch, 'new', 'data');
  const database = openDatabase(join(folder, 'mien.db'));
  expect(modeOf(folder)).toBe('700');
  for (const name of ['mien.db', 'mien.db-wal', 'mien.db-shm']) expect(modeOf(join(folder, name))).toBe('600');
  database.close();
});

test('others lose access to a database of an older version; its group keeps it', () => {
  const folder = join(scratch, 'old');
  mkdirSync(folder);
  const file = join(folder, 'mien.db');
  writeFileSync(file, '');
  chmodSync(file, 0o664);
  openDatabase(file).close();
  expect(modeOf(file)).toBe('660');
  expect(modeOf(folder)).toBe('755');
});

test('a folder whose lock file was deleted is still claimed', () => {
  const folder = join(scratch, 'locked');
  mkdirSync(folder);
  const claim = claimFolder(folder);
  expect(() => claimFolder(folder)).toThrow('Another Mien is using the data folder');
  rmSync(join(folder, 'mien.lock'));
  expect(() => claimFolder(folder)).toThrow('Another Mien is using the data folder');
  expect(existsSync(join(folder, 'mien.lock'))).toBe(false);
  claim.close();
  claimFolder(folder).close();
});

describe('the lock and the folder', () => {
  const isRoot = process.getuid?.() === 0;
  /** A user without rights. */
  const user = 65_534;
  // The folder of the tests is root's alone.
  beforeAll(() => chmodSync(scratch, 0o711));

  const module = join(packageRoot, 'device', 'dist', 'sinks', 'sqlite', 'opening', 'claim.js');
  const asUser = isRoot ? { uid: user, gid: user } : {};
  /** A checkout in the home folder of root is closed to others. */
  const mayRead = () => spawnSync('/bin/cat', [module], { cwd: '/', ...asUser }).status === 0;

  /** What another program says that claims the folder. @param through a program that starts it, with its arguments */
  function claimed(folder: string, as: { uid?: number; gid?: number }, through: readonly string[] = []): string {
    const script = `const { claimFolder } = await import(${JSON.stringify(module)});
      try { claimFolder(${JSON.stringify(folder)}); console.log('claimed') }
      catch (error) { console.log(error.message + '. ' + error.remedy) }`;
    const [program, ...args] = [...through, process.execPath, '--input-type=module', '-e', script];
    return spawnSync(program!, args, { encoding: 'utf8', cwd: '/', ...as }).stdout.trim();
  }

  test('of a command under root belong to the owner of the folder above, so that the daemon can write them', (context) => {
    if (!isRoot) context.skip('this needs root');
    if (!mayRead()) context.skip('this needs a checkout that other users may read');
    const above = join(scratch, 'owned');
    mkdirSync(above);
    chownSync(above, user, user);
    const folder = join(above, 'new', 'data');
    const claim = claimFolder(folder);
    expect(claimed(folder, asUser)).toMatch(/^Another Mien is using the data folder/);
    claim.close();
    for (const path of [folder, join(folder, 'mien.lock')])
      expect(statSync(path)).toMatchObject({ uid: user, gid: user });
    expect(claimed(folder, asUser)).toBe('claimed');
  });

  test('are claimed where root may not give them away, as in a container', (context) => {
    if (!isRoot) context.skip('this needs root');
    const folder = join(scratch, 'kept');
    mkdirSync(folder);
    chownSync(folder, user, user);
    expect(claimed(folder, {}, ['setpriv', '--bounding-set=-chown', '--inh-caps=-chown'])).toBe('claimed');
    expect(statSync(join(folder, 'mien.lock')).uid).toBe(0);
  });

  test('are refused where this user may not write the lock: a reader excludes no second daemon', (context) => {
    if (!mayRead()) context.skip('this needs a checkout that other users may read');
    const folder = join(scratch, 'roots');
    mkdirSync(folder);
    const file = join(folder, 'mien.lock');
    writeFileSync(file, '', { mode: 0o444 });
    const owner = `the user with the id ${process.getuid!()}`;
    expect(claimed(folder, asUser)).toBe(
      `This user may not write the lock file ${file}, which belongs to ${owner}. Delete it while no Mien runs, or start Mien as ${owner}.`,
    );
  });
});

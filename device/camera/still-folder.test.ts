import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { makeStillFolder, removeStaleStillFolders, removeStillFolder } from './still-folder.ts';

const memory = vi.hoisted(() => ({ error: undefined as string | undefined }));

/** `/dev/shm` as on a hardened system or in a bare container: not accessible, or missing. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const refusing = (call: unknown) => (path: string, rest: unknown) => {
    if (memory.error && path.startsWith('/dev/shm'))
      throw Object.assign(new Error(memory.error), { code: memory.error });
    return (call as (path: string, rest: unknown) => unknown)(path, rest);
  };
  return { ...fs, accessSync: refusing(fs.accessSync), readdirSync: refusing(fs.readdirSync) };
});

afterEach(() => {
  memory.error = undefined;
});

test.each(['EACCES', 'ENOENT'])('with %s on /dev/shm sources still open, and stills are stored elsewhere', (error) => {
  memory.error = error;
  expect(() => removeStaleStillFolders()).not.toThrow();
  const folder = makeStillFolder();
  expect(dirname(folder)).toBe(tmpdir());
  removeStillFolder(folder);
  expect(existsSync(folder)).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});

test('otherwise stills are stored in memory', () => {
  const folder = makeStillFolder();
  expect(dirname(folder)).toBe('/dev/shm');
  removeStillFolder(folder);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { exitCode, MienError } from '../core/errors.ts';

/**
 * Packs a folder so that the same files give the same bytes: sorted, without owners, with the time of the commit and modes
 * that depend on nothing but whether a file is executable. gzip's header has neither a name nor a time.
 *
 * @param seconds the time of all files
 */
export async function packFolder(folder: string, file: string, seconds: number): Promise<void> {
  const args = [
    ...['--create', '--format=gnu', '--sort=name', `--mtime=@${seconds}`],
    ...['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'],
    ...['--directory', dirname(folder), basename(folder)],
  ];
  const part = `${file}.part`;
  const tar = spawn('tar', args, { env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  tar.stderr.on('data', (text) => {
    said += text;
  });
  try {
    const ended = once(tar, 'close') as Promise<[number | null]>;
    await pipeline(tar.stdout, createGzip({ level: 9 }), createWriteStream(part));
    const [code] = await ended;
    if (code !== 0) throw new Error(said.trim().split('\n').at(-1) || `exit code ${code}`);
    renameSync(part, file);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new MienError(`${folder} cannot be packed: ${(cause as Error).message}`, {
      code: exitCode.cannotWrite,
      remedy: 'Check the folder, the free space, and that GNU tar is installed',
      cause,
    });
  }
}

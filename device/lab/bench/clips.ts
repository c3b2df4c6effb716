import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';

export interface ClipFile {
  /** File name without the extension. */
  readonly name: string;
  readonly file: string;
}

const recording = /\.(mp4|mkv|avi|mov|webm)$/i;

/** The recordings in a folder, sorted by name. @throws MienError (noInput) if there are none */
export function clipsIn(folder: string): ClipFile[] {
  const names = namesIn(folder).filter((name) => recording.test(name));
  if (names.length > 0) return names.sort().map((name) => ({ name: parse(name).name, file: join(folder, name) }));
  throw new MienError(`No recordings in ${folder} (expected .mp4, .mkv, .avi, .mov or .webm files)`, {
    code: exitCode.noInput,
    remedy: 'Name a folder with recordings: --clips FOLDER',
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new MienError(`Folder ${folder} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      code: exitCode.noInput,
      remedy: 'Check the path of --clips',
      cause: error,
    });
  }
}

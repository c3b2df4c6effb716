import { copyFile, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { maskAddress, masked } from '../../core/mask.ts';
import { download, get } from './http.ts';

/** Where releases come from: a mirror, or a folder such as that of a USB stick. */
export interface ReleaseSource {
  readonly name: string;
  /** A small file. @throws MienError if it is missing or larger */
  read(file: string, maxBytes: number): Promise<Buffer>;
  /** Puts a file of a known size at `to`; continues one that was cut. @throws MienError */
  fetch(file: string, bytes: number, to: string): Promise<void>;
}

/** The source for people: an address may hold a login. */
export function shownSource(from: string): string {
  if (!URL.canParse(from)) return maskAddress(from);
  return new URL(from).href.replace(/\/\/[^@/]*@/, `//${masked}@`);
}

/** @throws MienError if it is neither an address nor a folder */
export function releaseSource(from: string): ReleaseSource {
  if (/^https?:\/\//i.test(from)) return mirror(from);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(from)) return folderSource(isAbsolute(from) ? from : resolve(from));
  throw new MienError(
    `--from: expected an http:// or https:// address or a folder, got ${JSON.stringify(shownSource(from))}`,
    {
      code: exitCode.usage,
      remedy: 'Use the address of the mirror, such as https://mirror.example.org/mien/',
    },
  );
}

function mirror(from: string): ReleaseSource {
  if (!URL.canParse(from)) {
    throw new MienError(`--from: expected an address, got ${JSON.stringify(shownSource(from))}`, {
      code: exitCode.usage,
      remedy: 'Use the address of the mirror, such as https://mirror.example.org/mien/',
    });
  }
  const base = new URL(from);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return {
    name: shownSource(base.href),
    read: (file, maxBytes) => get(new URL(file, base), maxBytes),
    fetch: (file, bytes, to) => download(new URL(file, base), bytes, to),
  };
}

function folderSource(folder: string): ReleaseSource {
  const failing = (file: string) => (cause: unknown) => {
    throw new MienError(`${join(folder, file)} cannot be read: ${describeError(cause)}`, {
      code: exitCode.noInput,
      remedy: 'Check the folder: it holds mien-stable.json, its .minisig and the archives',
      cause,
    });
  };
  const checkSize = async (file: string, fits: (size: number) => boolean, expected: string) => {
    const { size } = await stat(join(folder, file)).catch(failing(file));
    if (fits(size)) return;
    throw new MienError(`${join(folder, file)}: expected ${expected} bytes, got ${size}`, {
      code: exitCode.badData,
      remedy: 'Copy the file again',
    });
  };
  return {
    name: folder,
    async read(file, maxBytes) {
      await checkSize(file, (size) => size <= maxBytes, `at most ${maxBytes}`);
      return readFile(join(folder, file)).catch(failing(file));
    },
    async fetch(file, bytes, to) {
      await checkSize(file, (size) => size === bytes, String(bytes));
      await copyFile(join(folder, file), to).catch(failing(file));
    },
  };
}

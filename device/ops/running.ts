import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { makeFolder } from '../core/folder.ts';
import type { Part } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';

/** What a running daemon leaves for the commands of its own user: where it is, and with which key login links are made. */
export interface RunningDaemon {
  /** For browsers: `http://localhost:8080` */
  readonly url: string;
  /** For programs of this machine: `http://127.0.0.1:8080`. A name may mean an address that it does not listen on. */
  readonly origin: string;
  readonly linkKey: string;
}

const form = z.object({ url: z.url(), origin: z.url(), linkKey: z.string().min(32) });

function fileIn(dataDir: string): string {
  return join(resolve(dataDir), 'running.json');
}

const retryMs = 30_000;

/**
 * Readable for the daemon's user only. A daemon that cannot write it runs all the same; login links are to be had as soon as
 * it can.
 *
 * @returns withdraws it
 */
export function announceRunning(dataDir: string, daemon: RunningDaemon, log: Log): () => void {
  const file = fileIn(dataDir);
  let retry: NodeJS.Timeout | undefined;
  const announce = (isFirst: boolean) => {
    try {
      write(file, daemon);
      if (!isFirst) log.info('login links can be made now');
    } catch (error) {
      if (isFirst) log.warn({ err: error }, `no login links until it can be written: ${describeError(error)}`);
      retry = setTimeout(announce, retryMs, false).unref();
    }
  };
  announce(true);
  return () => {
    clearTimeout(retry);
    // Another daemon may have started with the same folder meanwhile.
    if (readQuietly(file)?.linkKey === daemon.linkKey) removeQuietly(file);
  };
}

/** Announces the daemon from its start to its stop. @param describe is called at the start */
export function announcement(dataDir: string, describe: () => RunningDaemon, log: Log): Part {
  let withdraw: (() => void) | undefined;
  return {
    name: 'announcement',
    start() {
      withdraw = announceRunning(dataDir, describe(), log);
    },
    stop: () => withdraw?.(),
  };
}

function write(file: string, { url, origin, linkKey }: RunningDaemon): void {
  makeFolder(dirname(file));
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify({ url, origin, linkKey })}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(`${file}.new`, file);
}

/**
 * The daemon that uses this data folder.
 *
 * @throws MienError (`unavailable`) where none does, (`noInput`) where it is another user's.
 */
export function findRunning(dataDir: string): RunningDaemon {
  const file = fileIn(dataDir);
  try {
    return form.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') {
      throw new MienError(`${file} is for the user of the daemon only`, {
        code: exitCode.noInput,
        remedy: 'Run the command as that user, e.g. with sudo',
        cause: error,
      });
    }
    throw new MienError(`No Mien runs with the data folder ${resolve(dataDir)}`, {
      code: exitCode.unavailable,
      remedy: 'Start it (mien run), or name its folder: --set dataDir=FOLDER (.mien/demo for the demo)',
      cause: error,
    });
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // On a disk that has become read-only it stays. That harms nobody: the next daemon there replaces it.
  }
}

function readQuietly(file: string): RunningDaemon | undefined {
  try {
    return form.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

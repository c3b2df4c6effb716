import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { run } from '../setup/command.mjs';
import { hashOf, readStamp, writeStamp } from '../setup/fingerprint.mjs';
import type { Progress } from '../setup/progress.mjs';
import type { Target } from './target.ts';

/** Where and how a package is built. */
export interface Workshop {
  /** The checkout. */
  readonly root: string;
  readonly target: Target;
  /** Downloads, sources and builds; not part of the repository. */
  readonly folder: string;
  /** Builds of this target. */
  readonly builds: string;
  readonly jobs: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Program {
  /** For messages: `FFmpeg`. */
  readonly what: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly remedy?: string;
  readonly onLine?: (line: string) => void;
}

const limitMs = 90 * 60_000;
const execute = promisify(execFile);

export function openWorkshop(options: Omit<Workshop, 'folder' | 'builds'>): Workshop {
  const folder = join(options.root, '.mien/package');
  return { ...options, folder, builds: join(folder, options.target.arch) };
}

/** Runs a program; its output goes to a log file. @throws SetupFault with the last lines of the log */
export async function runLogged({ root, target, signal }: Workshop, program: Program): Promise<void> {
  await run({
    limitMs,
    signal,
    remedy: `It may need one of these Debian packages: ${target.packages.join(' ')}.`,
    ...program,
    // MAKEFLAGS of an outer make would override the number of jobs. The programs sort and date by these.
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', MAKEFLAGS: '', ...program.env },
    logFile: join(root, '.mien/log', `package-${target.arch}-${program.what.replace(/\W+/g, '-').toLowerCase()}.log`),
  });
}

/** Standard output of a program that ends at once. */
export async function outputOf(file: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await execute(file, [...args], { cwd, env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 64 << 20 });
  return stdout;
}

/**
 * Runs a step into an empty folder, unless it ran before with the same key.
 *
 * @param key everything that the result depends on
 * @returns the folder
 */
export async function once(
  { progress }: Workshop,
  step: { readonly title: string; readonly folder: string; readonly key: readonly (string | Uint8Array)[] },
  work: (folder: string, note: (text: string) => void) => Promise<void>,
): Promise<string> {
  const stamp = join(step.folder, '.stamp');
  const key = hashOf(step.key);
  if (readStamp(stamp) === key) return step.folder;
  if (existsSync(step.folder)) rmSync(step.folder, { recursive: true });
  mkdirSync(step.folder, { recursive: true });
  const said = progress.step(step.title);
  try {
    await work(step.folder, said.note);
  } catch (error) {
    said.fail();
    throw error;
  }
  writeStamp(stamp, key);
  said.done();
  return step.folder;
}

/** First line of the compiler's version: another compiler makes other bytes. */
export async function compilerOf({ tools }: Target): Promise<string> {
  return (await outputOf(`${tools}g++`, ['--version'])).split('\n', 1)[0]!;
}

/**
 * Flags that keep the folder of the build out of the compiled files: the same sources give the same bytes in any checkout.
 */
export function withoutBuildPaths({ root }: Workshop): string {
  return `-ffile-prefix-map=${root}=/mien`;
}

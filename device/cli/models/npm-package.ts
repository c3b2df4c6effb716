import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../core/child-environment.ts';
import type { NpmSource } from '../../core/manifest.ts';
import { packageRoot } from '../../core/paths.ts';

const execute = promisify(execFile);

/** Limit for a tarball, and for a file in it. */
const maxBytes = 64 * 1024 * 1024;

export function describePackage({ package: name, version, path }: NpmSource): string {
  return `npm package ${name}@${version} (${path})`;
}

/**
 * Extracts one file from the tarball of an npm package. `npm pack` downloads it, so that the registry, the proxy and the
 * credentials of the user's npm settings apply. Nothing is installed and no script runs. Only npm's cache keeps data.
 *
 * @throws Error with the reason of npm or tar in one line
 */
export async function fileFromPackage(source: NpmSource, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'mien-npm-'));
  try {
    const tarball = join(folder, await download(source, folder, signal));
    // Extract to standard output, so that nothing is written to the disk.
    const { stdout } = await run('tar', ['--extract', '--gzip', '--to-stdout', '--file', tarball, source.path], signal);
    return oneChunk(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* oneChunk(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** @returns the name of the tarball in the folder */
async function download({ package: name, version }: NpmSource, folder: string, signal: AbortSignal): Promise<string> {
  const [file, ...first] = npmCommand(process.env);
  const args = [
    ...['pack', `${name}@${version}`, '--pack-destination', folder, '--ignore-scripts', '--no-dry-run'],
    // Without these limits npm waits for minutes without a network.
    ...['--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=1000', '--fetch-timeout=20000'],
    ...['--loglevel=error', '--no-progress', '--no-update-notifier'],
  ];
  await run(file, [...first, ...args], signal);
  const [tarball] = await readdir(folder);
  if (tarball?.endsWith('.tgz')) return tarball;
  throw new Error(`npm pack left no tarball (expected one .tgz, got ${tarball ?? 'nothing'})`);
}

/** The npm that started this process, or else npm from the PATH. */
function npmCommand({ npm_execpath: running }: NodeJS.ProcessEnv): [string, ...string[]] {
  if (running && basename(running) === 'npm-cli.js' && existsSync(running)) return [process.execPath, running];
  return ['npm'];
}

async function run(file: string, args: readonly string[], signal: AbortSignal): Promise<{ stdout: Buffer }> {
  try {
    const options = { cwd: packageRoot, env: childEnvironment(), signal, maxBuffer: maxBytes } as const;
    return await execute(file, [...args], { ...options, encoding: 'buffer' });
  } catch (error) {
    throw signal.aborted ? signal.reason : new Error(reasonOf(file, error as RunError), { cause: undefined });
  }
}

interface RunError extends Error {
  readonly code?: string | number;
  readonly stderr?: Buffer;
}

/** Finds the reason in npm's output: a code, then the reason, then advice and the path of its log. */
function reasonOf(file: string, { message, code, stderr }: RunError): string {
  if (code === 'ENOENT') return `${basename(file)} is not installed`;
  const lines = String(stderr ?? '')
    .split('\n')
    .map((line) => line.replace(/^(npm (error|ERR!)( \w?\d+)?|tar:)\s*(FetchError: )?/, '').trim());
  return lines.find((line) => line !== '' && !/^(code|errno|syscall|type) /.test(line)) ?? message;
}

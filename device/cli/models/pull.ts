import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import type { PinnedModel } from '../../core/manifest.ts';
import { type Source, sourceOf } from './source.ts';

export interface PullOptions {
  readonly model: PinnedModel;
  /** Where the file goes; made when it is not there. */
  readonly modelsDir: string;
  /** A folder or a base URL that has the file under its own name, instead of the pinned source. */
  readonly mirror?: string;
  readonly signal?: AbortSignal;
  /** For the answer to begin; by default 10 s from an address and 60 s from npm. */
  readonly connectMs?: number;
  /** For the next bytes to come; 30 s by default. */
  readonly stallMs?: number;
  readonly onProgress?: (received: number, total: number) => void;
}

/**
 * Fetches one pinned model. The file appears under its name only when its size and sha256 are the pinned ones.
 *
 * @returns where it came from: an address, a package, a path, or `present` when it was there already.
 * @throws MienError (unavailable) when the source cannot be reached, (badData) when it gives another file,
 * (cannotWrite) when the folder does not take it.
 */
export async function pullModel(options: PullOptions): Promise<string> {
  const { model, modelsDir } = options;
  const target = join(modelsDir, model.file);
  if (existsSync(target) && (await isPinned(target, model))) return 'present';
  const source = sourceOf(model, options.mirror);
  // Beside the target, so that the rename is atomic; by process, so that two pulls do not write into one file.
  const partial = `${target}.${process.pid}.download`;
  try {
    await receive(source, partial, options);
    await rename(partial, target);
  } catch (error) {
    // The reason is what stopped us; that there is nothing to tidy up (no such folder) adds nothing to it.
    await rm(partial, { force: true }).catch(() => undefined);
    throw explain(error, source, options);
  }
  return source.name;
}

/** Whether the file is byte for byte the pinned one. */
export async function isPinned(file: string, model: PinnedModel): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex') === model.sha256;
}

async function receive(source: Source, partial: string, options: PullOptions): Promise<void> {
  const { model, onProgress, connectMs = source.connectMs, stallMs = 30_000 } = options;
  const silence = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal;
  const giveUp = (ms: number) => setTimeout(() => silence.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  let timer = giveUp(connectMs);
  try {
    const chunks = await source.open(signal);
    await mkdir(options.modelsDir, { recursive: true });
    const file = await open(partial, 'w');
    try {
      const hash = createHash('sha256');
      let received = 0;
      for await (const chunk of chunks) {
        clearTimeout(timer);
        timer = giveUp(stallMs);
        received += chunk.length;
        if (received > model.bytes) throw notPinned(model, `more than ${model.bytes} bytes`);
        hash.update(chunk);
        await file.writeFile(chunk);
        onProgress?.(received, model.bytes);
      }
      if (received !== model.bytes) throw notPinned(model, `${received} bytes`);
      const sha256 = hash.digest('hex');
      if (sha256 !== model.sha256) throw notPinned(model, `sha256 ${sha256}`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // A body that is cut off by the signal says "terminated"; the reason is the signal's.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function notPinned(model: PinnedModel, got: string): MienError {
  return new MienError(`${model.file}: expected ${model.bytes} bytes with sha256 ${model.sha256}, got ${got}`, {
    code: exitCode.badData,
    remedy:
      'The source has another file, or a proxy changed it: take it from a mirror that you trust (--mirror DIR|URL)',
  });
}

const writeFaults: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'];

function explain(error: unknown, source: Source, { model, modelsDir }: PullOptions): unknown {
  if (error instanceof MienError) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (writeFaults.includes(code) && path !== source.name) {
    return new MienError(`Cannot write ${model.file} to ${modelsDir}: ${(error as Error).message}`, {
      code: exitCode.cannotWrite,
      remedy: 'Make the folder writable for this user and free space, or name another with --config or MIEN_MODELS_DIR',
      cause: error,
    });
  }
  const reason = code === 'ENOENT' ? 'no such file' : reasonOf(error);
  return new MienError(`Cannot get ${model.file} from ${source.name}: ${reason}`, {
    code: exitCode.unavailable,
    remedy: source.remedy,
    cause: error,
  });
}

/** fetch says "fetch failed" and keeps what happened in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

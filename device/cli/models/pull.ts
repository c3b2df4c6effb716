import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import type { PinnedModel } from '../../core/manifest.ts';
import { type Source, sourceOf } from './source.ts';

export interface PullOptions {
  readonly model: PinnedModel;
  /** Target folder; created if missing. */
  readonly modelsDir: string;
  /** A folder or base URL that holds the file under its name, instead of the pinned source. */
  readonly mirror?: string;
  readonly signal?: AbortSignal;
  /** Timeout for the first bytes; default: 10 s for an address, 60 s for npm. */
  readonly connectMs?: number;
  /** Timeout for the next bytes; default: 30 s. */
  readonly stallMs?: number;
  readonly onProgress?: (received: number, total: number) => void;
}

/**
 * Downloads one pinned model. The file gets its name only after its size and sha256 match.
 *
 * @returns the source: an address, a package, a path, or `present` if the file already exists
 * @throws MienError (unavailable) if the source cannot be reached, (badData) if it has another file,
 * (cannotWrite) if the folder cannot be written
 */
export async function pullModel(options: PullOptions): Promise<string> {
  const { model, modelsDir } = options;
  const target = join(modelsDir, model.file);
  if (existsSync(target) && (await isPinned(target, model))) return 'present';
  const source = sourceOf(model, options.mirror);
  // In the target folder, so that the rename is atomic; with the process id, so that two pulls do not share a file.
  const partial = `${target}.${process.pid}.download`;
  try {
    await receive(source, partial, options);
    await rename(partial, target);
  } catch (error) {
    // Report the original error; a failed clean-up (no such folder) adds nothing.
    await rm(partial, { force: true }).catch(() => undefined);
    throw explain(error, source, options);
  }
  return source.name;
}

/** Whether the file has the pinned sha256. */
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
    // An aborted body only reports "terminated"; the signal holds the reason.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function notPinned(model: PinnedModel, got: string): MienError {
  return new MienError(`${model.file}: expected ${model.bytes} bytes with sha256 ${model.sha256}, got ${got}`, {
    code: exitCode.badData,
    remedy:
      'The source has a different version of the file, or a proxy changed it: use a trusted mirror (--mirror DIR|URL)',
  });
}

const writeFaults: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'];

function explain(error: unknown, source: Source, { model, modelsDir }: PullOptions): unknown {
  if (error instanceof MienError) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (writeFaults.includes(code) && path !== source.name) {
    return new MienError(`Cannot write ${model.file} to ${modelsDir}: ${(error as Error).message}`, {
      code: exitCode.cannotWrite,
      remedy:
        'Make the folder writable for this user and free disk space, or set modelsDir (MIEN_MODELS_DIR) to another folder',
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

/** The error of fetch is "fetch failed"; its `cause` holds the reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

import { appendFileSync, readFileSync } from 'node:fs';
import { exitCode, MienError } from '../../../core/errors.ts';

/** One sample of the product during a soak. */
export interface SoakSample {
  readonly seconds: number;
  /** Frames processed so far. */
  readonly frames: number;
  readonly daemonMb: number;
  readonly visionMb: number;
  /** Restarts of the vision process so far. */
  readonly restarts: number;
}

/** One line per sample, written at once, so that an aborted run keeps its samples. */
export function writeSample(file: string, sample: SoakSample): void {
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
}

/** @throws MienError if the file is missing (noInput) or malformed (badData) */
export function readSamples(file: string): SoakSample[] {
  const lines = textOf(file)
    .split('\n')
    .filter((line) => line !== '');
  return lines.flatMap((line, index) => {
    const sample = parsed(line);
    if (sample) return [sample];
    // The last line of an aborted run may be incomplete.
    if (index === lines.length - 1) return [];
    throw new MienError(`Line ${index + 1} of ${file} is not a soak sample (got ${line.slice(0, 40)})`, {
      code: exitCode.badData,
      remedy: 'Name a file that "npm run bench -- soak" has written',
    });
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new MienError(`Samples ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      code: exitCode.noInput,
      remedy: 'Check the path after --from',
      cause: error,
    });
  }
}

function parsed(line: string): SoakSample | undefined {
  try {
    const value = JSON.parse(line) as Partial<SoakSample>;
    return Number.isFinite(value.frames) && Number.isFinite(value.visionMb) ? (value as SoakSample) : undefined;
  } catch {
    return undefined;
  }
}

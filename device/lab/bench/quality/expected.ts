import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';

/** A person or group in a recording and their expression. */
export interface ExpectedPeople {
  readonly who: string;
  readonly expression: string;
  /** Number of people. */
  readonly count: number;
}

/** Expectations by file name of the recording. */
export type ExpectedExpressions = ReadonlyMap<string, readonly ExpectedPeople[]>;

export const expectedFile = 'expected.json';

/** The expression of people without an entry. */
export const calm = 'neutral';

const format = `expected {"<recording>": [{"who": "...", "expression": "${calm}", "count": 1}]}`;

/**
 * Reads the expected expressions for the recordings of a folder. Undefined if the folder has no such file.
 *
 * @param labels of the model: the expressions that can be checked
 * @throws MienError (badData) with each malformed part of the file
 */
export function readExpected(folder: string, labels: readonly string[]): ExpectedExpressions | undefined {
  const path = join(folder, expectedFile);
  if (!existsSync(path)) return undefined;
  const people = z.strictObject({
    who: z.string().min(1),
    expression: z.enum(labels as [string, ...string[]]),
    count: z.int().positive().default(1),
  });
  const schema = z.object({ about: z.string().optional() }).catchall(z.array(people));
  const parsed = schema.safeParse(parseJson(path));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw unusable(path, faults.join('; '));
  }
  const { about: _about, ...recordings } = parsed.data;
  return new Map(Object.entries(recordings as Record<string, ExpectedPeople[]>));
}

/** Recordings in the file that the folder lacks. Their expressions are not checked. */
export function missingRecordings(expected: ExpectedExpressions, files: readonly string[]): string[] {
  const present = new Set(files.map((file) => basename(file)));
  return [...expected.keys()].filter((name) => !present.has(name));
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw unusable(path, describeError(error));
  }
}

function unusable(path: string, why: string): MienError {
  return new MienError(`Expected expressions ${path} cannot be used: ${why} (${format})`, {
    code: exitCode.badData,
    remedy: 'Correct the file, or remove it: tracks and detections are then measured without the expressions',
  });
}

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describeError, exitCode, MienError } from '../../core/errors.ts';

/** Columns of FER+'s fer2013new.csv (Barsoum et al. 2016). */
export const voteColumns = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
  'unknown',
  'NF',
] as const;
type VoteColumn = (typeof voteColumns)[number];

/** The FER+ column of each label of FER-2013. The columns contempt, unknown and NF have no label. */
export const columnOfLabel: Readonly<Record<string, VoteColumn>> = {
  angry: 'anger',
  disgust: 'disgust',
  fear: 'fear',
  happy: 'happiness',
  sad: 'sadness',
  surprise: 'surprise',
  neutral: 'neutral',
};

/** FER+'s table: ten people's votes per picture. */
export interface VoteTable {
  readonly path: string;
  /** By file name; votes in the order of `voteColumns`. */
  readonly votes: ReadonlyMap<string, readonly number[]>;
}

const nameColumn = 'Image name';
const expected = `expected FER+'s fer2013new.csv: ${nameColumn}, ${voteColumns.join(', ')}`;

/**
 * Reads FER+'s fer2013new.csv.
 *
 * @throws MienError (noInput) if it cannot be read, (badData) with the missing columns or the first malformed line
 */
export function readVotes(path: string): VoteTable {
  const lines = readText(path)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const header = lines[0]!.split(',');
  const missing = [nameColumn, ...voteColumns].filter((column) => !header.includes(column));
  if (missing.length > 0) throw badTable(path, `has no column ${missing.join(', ')}`);
  const nameAt = header.indexOf(nameColumn);
  const at = voteColumns.map((column) => header.indexOf(column));
  const votes = new Map<string, readonly number[]>();
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === '') continue;
    const cells = line.split(',');
    const where = `line ${index + 1}`;
    if (cells.length !== header.length) {
      throw badTable(path, `${where} has ${cells.length} values, and the header ${header.length} columns`);
    }
    const bad = at.find((column) => !/^\d{1,3}$/.test(cells[column]!));
    if (bad !== undefined) throw badTable(path, `${where} has "${cells[bad]}" votes for ${header[bad]}`);
    // FER+ removed the name of dropped rows.
    if (cells[nameAt] !== '') {
      votes.set(
        cells[nameAt]!,
        at.map((column) => Number(cells[column])),
      );
    }
  }
  return { path, votes };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new MienError(`Votes ${path} cannot be read (${describeError(error)}; ${expected})`, {
      code: exitCode.noInput,
      remedy: 'Check the path given to --votes',
      cause: error,
    });
  }
}

function badTable(path: string, why: string): MienError {
  return new MienError(`Votes ${path} cannot be used: it ${why} (${expected})`, {
    code: exitCode.badData,
    remedy: 'Use the file as published by FER+ (github.com/microsoft/FERPlus)',
  });
}

/**
 * The votes of each picture, by file name.
 *
 * @param maxMissingShare share of pictures that may lack votes
 * @throws MienError (badData) if more pictures lack votes: then the table belongs to other pictures
 */
export function joinVotes(
  table: VoteTable,
  pictures: readonly string[],
  maxMissingShare: number,
): ReadonlyArray<readonly number[] | undefined> {
  const joined = pictures.map((picture) => table.votes.get(basename(picture)));
  const missing = pictures.filter((_, index) => joined[index] === undefined);
  const report = `${missing.length} of ${pictures.length} pictures have no votes in ${table.path}, first: ${missing[0]}`;
  if (missing.length > pictures.length * maxMissingShare) {
    throw new MienError(report, {
      code: exitCode.badData,
      remedy: 'Keep the file names, which are the table\'s "Image name"; up to 1 % may be missing',
    });
  }
  if (missing.length > 0) process.stderr.write(`mien: not in ferPlus: ${report}\n`);
  return joined;
}

/**
 * FER+'s "majority" rule: single votes are outliers and do not count; the winner needs more than half of the other votes
 * (microsoft/FERPlus, src/ferplus.py). Undefined without a winner.
 */
export function strictMajority(votes: readonly number[]): VoteColumn | undefined {
  const counted = votes.map((count) => (count > 1 ? count : 0));
  const max = Math.max(...counted);
  const total = counted.reduce((sum, count) => sum + count, 0);
  return 2 * max > total ? voteColumns[counted.indexOf(max)] : undefined;
}

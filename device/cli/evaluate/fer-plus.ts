import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describeError, exitCode, MienError } from '../../core/errors.ts';

/** FER+'s columns (Barsoum et al. 2016) by the names of its fer2013new.csv. */
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

/** FER+'s column of each label of FER-2013; contempt, unknown and NF have none. */
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
 * @throws MienError (noInput) when it cannot be read, (badData) naming what is missing, or the first line that is not as
 * expected.
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
    // FER+ leaves rows that it dropped without a name.
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
    remedy: 'Take the file as FER+ publishes it (github.com/microsoft/FERPlus)',
  });
}

/**
 * The votes of each picture, by the name of its file.
 *
 * @param maxMissingShare of pictures that may have none
 * @throws MienError (badData) when more have none: then the table belongs to other pictures.
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
      remedy: 'Keep the names of the files: they are the table\'s "Image name"; up to 1 % may be missing',
    });
  }
  if (missing.length > 0) process.stderr.write(`mien: left out of ferPlus: ${report}\n`);
  return joined;
}

/**
 * FER+'s "majority" rule: single votes are outliers and do not count; the winner needs more than half of the rest
 * (microsoft/FERPlus, src/ferplus.py). Undefined where nobody wins.
 */
export function strictMajority(votes: readonly number[]): VoteColumn | undefined {
  const counted = votes.map((count) => (count > 1 ? count : 0));
  const most = Math.max(...counted);
  const total = counted.reduce((sum, count) => sum + count, 0);
  return 2 * most > total ? voteColumns[counted.indexOf(most)] : undefined;
}

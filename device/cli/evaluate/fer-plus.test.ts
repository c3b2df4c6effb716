import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClassifier } from '../../classify/classifier.ts';
import { exitCode } from '../../core/errors.ts';
import { cropFolder, votesHeader } from '../../lab/fixtures/crop-folders.ts';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';
import { modelsDir } from '../../lab/fixtures/shared.ts';
import { evaluate } from '../evaluate.ts';
import { strictMajority, voteColumns } from './fer-plus.ts';

const scratch = scratchFolder();
const classifier = await createClassifier({ modelsDir, model: 'simple-cnn', precision: 'int8', threads: 1 });

test("FER+'s majority: single votes do not count, and the winner has more than half of the rest", () => {
  const majorityOf = (counts: Readonly<Record<string, number>>) =>
    strictMajority(voteColumns.map((column) => counts[column] ?? 0));
  expect(majorityOf({ happiness: 9, neutral: 1 })).toBe('happiness');
  expect(majorityOf({ anger: 5, neutral: 4, fear: 1 })).toBe('anger');
  expect(majorityOf({ anger: 5, neutral: 5 })).toBeUndefined();
  expect(majorityOf({ anger: 4, neutral: 3, fear: 3 })).toBeUndefined();
  expect(majorityOf({ NF: 10 })).toBe('NF');
  expect(majorityOf({ neutral: 1, fear: 1 })).toBeUndefined();
});

describe("tables that are not FER+'s", () => {
  const folder = cropFolder(scratch, 'voted', { happy: 2 });
  const expected = `(expected FER+'s fer2013new.csv: Image name, ${voteColumns.join(', ')})`;
  const zeros = '0,0,0,0,0,0,0,0,0';

  test.each([
    ['has no column', 'a,b\n1,2\n', `has no column Image name, ${voteColumns.join(', ')}`],
    ['lacks one column', `${votesHeader.replace(',NF', '')}\n`, 'has no column NF'],
    ['is empty', '', `has no column Image name, ${voteColumns.join(', ')}`],
    [
      'has a line cut short',
      `${votesHeader}\nTest,0.png,10,${zeros}\nTest,1.png,10\n`,
      'line 3 has 3 values, and the header 12 columns',
    ],
    ['has half a vote', `${votesHeader}\nTest,0.png,4.5,${zeros}\n`, 'line 2 has "4.5" votes for neutral'],
    ['has no number', `${votesHeader}\nTest,0.png,10,0,0,0,0,0,0,0,0,\n`, 'line 2 has "" votes for NF'],
  ])('a table that %s, exit code 65', async (name, text, fault) => {
    const votes = fileIn(scratch, `${name}.csv`, text);
    await expect(evaluate(folder, classifier, { votes })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: `Votes ${votes} cannot be used: it ${fault} ${expected}`,
      remedy: 'Take the file as FER+ publishes it (github.com/microsoft/FERPlus)',
    });
  });

  test('a table that is not there, exit code 66', async () => {
    await expect(evaluate(folder, classifier, { votes: '/nowhere.csv' })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.noInput,
      message: expect.stringMatching(
        /^Votes \/nowhere\.csv cannot be read \(ENOENT[^\n]+; expected FER\+'s fer2013new\.csv: /,
      ),
      remedy: 'Check the path given to --votes',
    });
  });

  test('a table of other pictures, exit code 65, with the first that it lacks', async () => {
    const votes = fileIn(scratch, 'others.csv', `${votesHeader}\nTest,0.png,10,${zeros}\nTest,,10,${zeros}\n`);
    await expect(evaluate(folder, classifier, { votes })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: `1 of 2 pictures have no votes in ${votes}, first: ${join(folder, 'happy', '1.png')}`,
      remedy: 'Keep the names of the files: they are the table\'s "Image name"; up to 1 % may be missing',
    });
  });
});

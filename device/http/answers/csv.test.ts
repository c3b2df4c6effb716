import { describe, expect, test } from 'vitest';
import type { History } from '../../core/store.ts';
import type { Sample } from '../../core/types.ts';
import { csvLine } from '../../export/csv.ts';
import { csvOfSamples } from '../reads/rows-csv.ts';

/** A text that begins with one of these is a formula to a spreadsheet. */
const formulas = [
  ['an equals sign', '=1+1', "'=1+1"],
  ['a plus sign', '+1+1', "'+1+1"],
  ['a minus sign', '-1+1', "'-1+1"],
  ['an at sign', '@SUM(1)', "'@SUM(1)"],
  ['a tab', '\t=1+1', "'\t=1+1"],
  // RFC 4180: a cell with a line break stands in quotes.
  ['a carriage return', '\r=1+1', '"\'\r=1+1"'],
] as const;

describe.each(formulas)('a text that begins with %s', (_name, text, cell) => {
  test('stays a text in a cell', () => {
    expect(csvLine([text, 1])).toBe(`${cell},1\r\n`);
  });

  test('stays a text as a label and as the name of a column', () => {
    const sample: Sample = {
      ts: 0,
      track: 1,
      label: text,
      probability: 0.9,
      probabilities: { [text]: 0.9 },
      happyShare: null,
      score: 1,
      frames: 30,
    };
    const [table] = csvOfSamples(historyOf(sample), {
      table: 'samples',
      format: 'csv',
      from: 0,
      to: 1,
      limit: undefined,
      label: undefined,
      before: undefined,
    });
    expect(table).toBe(
      `time,track,label,reason,probability,happy_share,score,frames,${cell}\r\n` +
        `1970-01-01T00:00:00.000Z,1,${cell},,0.9,,1,30,0.9\r\n`,
    );
  });
});

test('a number is not changed, also a negative one', () => {
  expect(csvLine([-0.5, -1, 0, 1e-7, 2.5])).toBe('-0.5,-1,0,1e-7,2.5\r\n');
});

test('these characters inside a text change nothing', () => {
  expect(csvLine(['a=b', 'a+b', 'a-b', 'a@b', 'a\tb'])).toBe('a=b,a+b,a-b,a@b,a\tb\r\n');
});

function historyOf(sample: Sample): History {
  return {
    keys: () => [{ ts: sample.ts, n: 1 }],
    samples: () => ({ rows: [sample] }),
    visits: () => ({ rows: [] }),
    summary: () => ({ samples: 1, counts: {}, visits: 0, dwellMs: 0 }),
  };
}

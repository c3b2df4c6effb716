import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode } from '../../../core/errors.ts';
import { scratchFolder } from '../../fixtures/scratch.ts';
import { missingRecordings, readExpected } from './expected.ts';

const scratch = scratchFolder();
const labels = ['angry', 'happy', 'neutral'];

function folderWith(name: string, text: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'expected.json'), text);
  return folder;
}

test('reads people per recording with a default count of 1, and lists missing recordings', () => {
  const folder = folderWith(
    'good',
    JSON.stringify({
      about: 'What a person sees.',
      'desks.mp4': [{ who: 'people at desks', expression: 'neutral', count: 4 }],
      'smile.mkv': [{ who: 'a man', expression: 'happy' }],
      'street.mp4': [],
    }),
  );
  const expected = readExpected(folder, labels)!;
  expect([...expected]).toEqual([
    ['desks.mp4', [{ who: 'people at desks', expression: 'neutral', count: 4 }]],
    ['smile.mkv', [{ who: 'a man', expression: 'happy', count: 1 }]],
    ['street.mp4', []],
  ]);
  expect(missingRecordings(expected, ['/clips/desks.mp4', '/clips/street.mp4', '/clips/other.mp4'])).toEqual([
    'smile.mkv',
  ]);
});

test('a folder without the file has no expectations', () => {
  expect(readExpected(join(scratch, 'none'), labels)).toBeUndefined();
});

test.each([
  ['is cut short', '{"a.mp4": [', /expected\.json cannot be used: .*JSON/],
  ['holds no people', '{"a.mp4": "neutral"}', /cannot be used: a\.mp4: .*array/],
  ['is a list', '[]', /cannot be used: file: .*(object|record)/],
  [
    'names an expression that the model does not know',
    '{"a.mp4": [{"who": "x", "expression": "bored"}]}',
    /a\.mp4\.0\.expression: .*"angry"\|"happy"\|"neutral"/,
  ],
  ['misspells a key', '{"a.mp4": [{"who": "x", "expresion": "happy"}]}', /a\.mp4\.0.*expresion/],
  ['counts nobody', '{"a.mp4": [{"who": "x", "expression": "happy", "count": 0}]}', /a\.mp4\.0\.count: /],
])('a file that %s is one line with the fault, exit code 65', (name, text, fault) => {
  const folder = folderWith(name, text);
  expect(() => readExpected(folder, labels)).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(fault),
      remedy: 'Correct the file, or remove it: tracks and detections are then measured without the expressions',
    }),
  );
});

import { expect, test } from 'vitest';
import { analysed, compareLabels } from './labels.ts';

const face = (label: string, x = 10, happy = 0.9) => ({
  label,
  box: { x, y: 20, width: 30, height: 30 },
  probabilities: { happy, sad: 1 - happy },
});
const frame = (index: number, ...faces: ReturnType<typeof face>[]) => ({ frame: index, faces });
const run = (lines: readonly object[]) => ({
  code: 0,
  signal: undefined,
  stdout: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  stderr: '',
});

test('equal runs have no difference, and all their faces are counted', () => {
  const lines = [frame(0, face('happy'), face('sad')), frame(1), frame(2, face('uncertain'))];
  const found = analysed('a run', run(lines));
  expect(compareLabels(lines, found)).toEqual({
    ...{ frames: 3, faces: 3, equal: 3, difference: undefined, probability: 0, pixels: 0 },
  });
});

test.each([
  ['another label', [frame(0, face('sad'))], 'frame 0: sad instead of happy'],
  ['a face less', [frame(0)], 'frame 0: 0 faces instead of 1'],
  ['a face more', [frame(0, face('happy'), face('sad'))], 'frame 0: 2 faces instead of 1'],
  ['a frame more', [frame(0, face('happy')), frame(1)], '2 frames instead of 1'],
  ['no frame', [], '0 frames instead of 1'],
])('%s is named', (_, found, difference) => {
  expect(compareLabels([frame(0, face('happy'))], found).difference).toBe(difference);
});

test('distances of boxes and probabilities are measured', () => {
  const { pixels, probability, difference } = compareLabels(
    [frame(0, face('happy', 10, 0.9))],
    [frame(0, face('happy', 12.5, 0.8))],
  );
  expect({ pixels, difference }).toEqual({ pixels: 2.5, difference: undefined });
  expect(probability).toBeCloseTo(0.1);
});

test('a run that failed is named with its last line', () => {
  expect(() => analysed('Debian 12', { ...run([]), code: 69, stderr: 'mien: a\nmien: no model\n' })).toThrow(
    'expected Debian 12 to analyse the clip, got exit code 69: mien: no model',
  );
});

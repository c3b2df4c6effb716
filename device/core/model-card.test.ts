import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { exitCode } from './errors.ts';
import { type ModelCard, readCard, readModelFile } from './model-card.ts';

const scratch = scratchFolder();
const shipped = JSON.parse(readFileSync(join(modelsDir, 'simple-cnn.json'), 'utf8')) as ModelCard;

/** Writes a card of this name into the scratch folder. */
function cardOf(name: string, content: unknown): void {
  writeFileSync(join(scratch, `${name}.json`), typeof content === 'string' ? content : JSON.stringify(content));
}

test('the shipped card is read, with the labels in the order of its outputs', () => {
  const card = readCard(modelsDir, 'simple-cnn');
  expect(card.labels).toEqual(['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral']);
  expect(card.input).toMatchObject({ type: 'uint8', width: 48, height: 48 });
  expect(readModelFile(modelsDir, card, 'int8').length).toBe(card.files.int8.bytes);
});

test('a missing card is named, exit code 66', () => {
  expect(() => readCard(scratch, 'nobody')).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.noInput,
      message: `Model card missing: ${join(scratch, 'nobody.json')}`,
      remedy: 'Set classify.model to a model that is there (mien models list). Restore it from the repository',
    }),
  );
});

test('a card that is not JSON fails with a one-line error, exit code 65', () => {
  cardOf('torn', '{\n "schema": 1,');
  expect(() => readCard(scratch, 'torn')).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(/^Model card \S+torn\.json is not usable: not JSON \([^\n]+\)$/),
      remedy: 'Restore it from the repository. Own models: export it again with training/',
    }),
  );
});

test('all invalid fields of a card are named at once', () => {
  cardOf('wrong', {
    ...shipped,
    schema: 1,
    temperature: 0,
    input: { ...shipped.input, layout: 'NHWC' },
    files: { ...shipped.files, fp32: { ...shipped.files.fp32, file: '../elsewhere.onnx' } },
    crop: { ...shipped.crop, box: { yunet: shipped.crop.box.yunet } },
  });
  expect(() => readCard(scratch, 'wrong')).toThrow(
    expect.objectContaining({
      code: exitCode.badData,
      message: expect.stringMatching(
        /^(?=[^\n]*schema: )(?=[^\n]*temperature: )(?=[^\n]*input\.layout: )(?=[^\n]*files\.fp32\.file: )(?=[^\n]*crop\.box\.haar: )[^\n]+$/,
      ),
    }),
  );
});

test.each([
  ['labels', { labels: ['happy', 'happy', 'sad'] }],
  ['labels', { labels: ['happy'] }],
])('a card with ambiguous %s is refused', (field, change) => {
  cardOf('labels', { ...shipped, ...change });
  expect(() => readCard(scratch, 'labels')).toThrow(
    expect.objectContaining({ code: exitCode.badData, message: expect.stringContaining(`${field}: `) }),
  );
});

test('a card of schema 1 is refused with a remedy', () => {
  cardOf('old', { ...shipped, schema: 1 });
  expect(() => readCard(scratch, 'old')).toThrow(
    expect.objectContaining({
      code: exitCode.badData,
      message: expect.stringMatching(
        /old\.json is not usable: schema: schema 2; cards of schema 1 are written by older/,
      ),
      remedy: 'Restore it from the repository. Own models: export it again with training/',
    }),
  );
});

describe('sections that only some models have', () => {
  const heads = { fer2013: { name: 'fer2013', temperature: 1.2 } };
  const reject = { name: 'reject', threshold: 0.6 };
  const covered = { name: 'covered', threshold: 0.7 };
  const point = { offsets: { neutral: 0.5 }, below: 0.4 };
  const sensitivity = { calm: point, balanced: point, expressive: point };
  const uncertain = { small: { alone: 20, explains: 32 }, turned: { explains: 30 } };

  test('are read', () => {
    cardOf('more', { ...shipped, heads, reject, covered, sensitivity, uncertain });
    expect(readCard(scratch, 'more')).toMatchObject({ heads, reject, covered, sensitivity, uncertain });
  });

  test('have no defaults', () => {
    const { heads: _h, reject: _r, covered: _c, sensitivity: _s, uncertain: _u, ...rest } = shipped;
    cardOf('less', rest);
    expect(readCard(scratch, 'less')).toEqual({ ...rest, heads: {}, uncertain: {} });
  });

  test.each([
    ['answers', { answers: 'everybody' }, /"people"\|"fer2013"/],
    ['heads.fer2013.temperature', { heads: { fer2013: { name: 'fer2013', temperature: 0 } } }, />0/],
    ['heads', { heads: { votes: { name: 'votes', temperature: 1 } } }, /"votes"/],
    ['heads.fer2013.name', { heads: { fer2013: { name: '', temperature: 1 } } }, /heads\.fer2013\.name/],
    ['reject.threshold', { reject: { ...reject, threshold: 1 } }, /<1/],
    ['reject.threshold', { reject: { name: 'reject' } }, /expected number, received undefined/],
    ['covered.threshold', { covered: { ...covered, threshold: 0 } }, />0/],
    ['sensitivity.calm', { sensitivity: { ...sensitivity, calm: undefined } }, /expected object/],
    ['sensitivity.balanced.below', { sensitivity: { ...sensitivity, balanced: { ...point, below: 40 } } }, /<1/],
    [
      'sensitivity',
      { sensitivity: { ...sensitivity, calm: { ...point, offsets: { bored: 1 } } } },
      /offsets must be of labels of the card/,
    ],
    ['metrics', { metrics: { ...shipped.metrics, int8: {} } }, /of the question that the card answers/],
    ['uncertain', { uncertain: true }, /expected object, received boolean/],
    ['uncertain', { uncertain: { below: 0.4 } }, /"below"/],
    ['uncertain.small.explains', { uncertain: { small: { alone: 20 } } }, /expected number/],
    ['output.name', { reject: { ...reject, name: 'logits' } }, /must be different outputs of the file/],
    ['labels', { labels: ['happy', 'uncertain'] }, /"uncertain" is what the device calls faces without a label/],
  ])('are refused when %s is invalid, exit code 65', (field, change, why) => {
    cardOf('bad', { ...shipped, ...change });
    expect(() => readCard(scratch, 'bad')).toThrow(
      expect.objectContaining({
        code: exitCode.badData,
        message: expect.stringMatching(
          new RegExp(`^Model card \\S+bad\\.json is not usable: ${field.replaceAll('.', '\\.')}: [^\\n;]*$`),
        ),
      }),
    );
    expect(() => readCard(scratch, 'bad')).toThrow(why);
  });
});

test('a missing model file is named, exit code 66', () => {
  expect(() => readModelFile(scratch, shipped, 'int8')).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.noInput,
      message: `Model missing: ${join(scratch, 'simple-cnn.int8.onnx')}`,
      remedy: 'Restore it from the repository, or set classify.model to another one (mien models list)',
    }),
  );
});

test.each([
  ['one byte changed', (bytes: Buffer) => Buffer.from(bytes).fill(bytes[5000]! ^ 1, 5000, 5001)],
  ['the end is missing', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
])('a model file is refused when %s, exit code 65', (_, change) => {
  const path = join(scratch, 'simple-cnn.fp32.onnx');
  copyFileSync(join(modelsDir, 'simple-cnn.fp32.onnx'), path);
  writeFileSync(path, change(readFileSync(path)));
  expect(() => readModelFile(scratch, shipped, 'fp32')).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(
        new RegExp(
          `^Model ${path} does not match its card \\(expected ${shipped.files.fp32.bytes} bytes with sha256 ${shipped.files.fp32.sha256.slice(0, 12)}\\.\\.\\., got \\d+ bytes with [0-9a-f]{12}\\.\\.\\.\\)$`,
        ),
      ),
      remedy: 'Restore model and card together; they are exported as a pair',
    }),
  );
});

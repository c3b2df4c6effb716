import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelCard } from '../classify/card.ts';
import { modelsDir } from './shared.ts';

/** Side of the crops that tiny models take, in pixels. */
export const tinySide = 8;

/** A grey of 128 is a logit of 0, and this many greys more are one more. */
export const greysPerLogit = 16;

/** Outputs of a file: name to number of values. */
export type TinyOutputs = Readonly<Record<string, number>>;

/**
 * Writes `<name>.onnx` and its card: a network without weights to speak of, whose outputs are pixels. The first output's
 * values are the crop's first pixels, the next output's the following ones: (grey - 128) / 16. So a test says with its
 * crops what the network answers.
 */
export function writeTinyModel(
  folder: string,
  name: string,
  outputs: TinyOutputs,
  card: Partial<ModelCard> = {},
): void {
  const bytes = tinyNetwork(outputs);
  const file = { file: `${name}.onnx`, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  const shipped = JSON.parse(readFileSync(join(modelsDir, 'simple-cnn.json'), 'utf8')) as ModelCard;
  const { reject: _reject, covered: _covered, sensitivity: _sensitivity, uncertain: _uncertain, ...plain } = shipped;
  const input = { ...shipped.input, width: tinySide, height: tinySide };
  // Figures of both questions, whichever the shipped card answers.
  const figures = shipped.metrics.int8[shipped.answers]!;
  const metrics = { fp32: { people: figures, fer2013: figures }, int8: { people: figures, fer2013: figures } };
  writeFileSync(join(folder, file.file), bytes);
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ ...plain, name, files: { fp32: file, int8: file }, input, metrics, temperature: 1, ...card }),
  );
}

/** The operating points of a card that differ in nothing, with this least probability. */
export function sensitivityBelow(below: number): NonNullable<ModelCard['sensitivity']> {
  const point = { offsets: {}, below };
  return { calm: point, balanced: point, expressive: point };
}

/** Crops for which a tiny model answers these logits, head after head. */
export function cropsAnswering(...answers: ReadonlyArray<readonly number[]>): Uint8Array {
  const size = tinySide * tinySide;
  const crops = new Uint8Array(answers.length * size);
  for (const [index, logits] of answers.entries()) {
    crops.set(
      logits.map((logit) => 128 + Math.round(greysPerLogit * logit)),
      index * size,
    );
  }
  return crops;
}

// ONNX is a protocol buffer (onnx.proto3); these few fields of it are all that a matrix needs.

function tinyNetwork(outputs: TinyOutputs): Buffer {
  const size = tinySide * tinySide;
  const heads = Object.entries(outputs).map(([name, width], index, all) => {
    const from = all.slice(0, index).reduce((sum, [, before]) => sum + before, 0);
    const weights = new Float32Array(size * width);
    for (let value = 0; value < width; value++) weights[(from + value) * width + value] = 1 / greysPerLogit;
    const bias = new Float32Array(width).fill(-128 / greysPerLogit);
    return { name, width, weights, bias };
  });
  const graph = [
    field(1, node('Cast', ['input'], 'grey', [field(1, 'to'), field(3, 1), field(20, 2)])),
    field(1, node('Flatten', ['grey'], 'pixels')),
    ...heads.map(({ name }) => field(1, node('Gemm', ['pixels', `${name}.w`, `${name}.b`], name))),
    field(2, 'tiny'),
    ...heads.flatMap(({ name, width, weights, bias }) => [
      field(5, tensor(`${name}.w`, [size, width], weights)),
      field(5, tensor(`${name}.b`, [width], bias)),
    ]),
    field(11, value('input', elementType.uint8, ['N', 1, tinySide, tinySide])),
    ...heads.map(({ name, width }) => field(12, value(name, elementType.float, ['N', width]))),
  ];
  return Buffer.concat([
    field(1, 8),
    field(7, Buffer.concat(graph)),
    field(8, Buffer.concat([field(1, ''), field(2, 17)])),
  ]);
}

const elementType = { float: 1, uint8: 2 } as const;

function node(operator: string, inputs: readonly string[], output: string, attribute?: readonly Buffer[]): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => field(1, input)),
    field(2, output),
    field(4, operator),
    ...(attribute ? [field(5, Buffer.concat(attribute))] : []),
  ]);
}

function tensor(name: string, dims: readonly number[], values: Float32Array): Buffer {
  const raw = Buffer.from(values.buffer);
  return Buffer.concat([
    ...dims.map((dim) => field(1, dim)),
    field(2, elementType.float),
    field(8, name),
    field(9, raw),
  ]);
}

function value(name: string, type: number, shape: ReadonlyArray<number | string>): Buffer {
  const dims = shape.map((dim) => field(1, field(typeof dim === 'number' ? 1 : 2, dim)));
  const tensorType = Buffer.concat([field(1, type), field(2, Buffer.concat(dims))]);
  return Buffer.concat([field(1, name), field(2, field(1, tensorType))]);
}

/** One field: a number as a varint, everything else with its length before it. */
function field(number: number, content: number | string | Buffer): Buffer {
  if (typeof content === 'number') return Buffer.concat([varint(number << 3), varint(content)]);
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

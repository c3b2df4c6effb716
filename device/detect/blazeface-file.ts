import { exitCode, MienError } from '../core/errors.ts';
import type { InputSize } from './input.ts';

/**
 * Longest side that fits into the file: the cells of stride 8 are written as one byte of a protobuf varint, at most
 * 127.
 */
export const maxBlazefaceSide = 992;

const published = 256;

/** `1x256x256x3` in ONNX's encoding of a tensor's shape (protobuf: TensorShapeProto.Dimension). */
const declaredShape = Buffer.from('0a0208010a030880020a030880020a020803', 'hex');

/**
 * The model's bytes with another input size, in steps of 32 from 128 to `maxBlazefaceSide`. BlazeFace is fully
 * convolutional, but the file contains the published 256x256 in its input, in two paddings and in the shapes of its
 * outputs. The file is pinned by its sha256, so the offsets are unique. Shapes of inner tensors are removed: ONNX
 * Runtime infers them.
 *
 * A frame of 640x480 then needs an input of 256x192 instead of a square: three quarters of the time, for the same
 * faces.
 */
export function withInputSize(model: Buffer, { width, height }: InputSize): Buffer {
  const patched = Buffer.from(model);
  const declared = offsetOf(model, declaredShape);
  varint2(height).copy(patched, declared + 7);
  varint2(width).copy(patched, declared + 12);
  for (const [channels, stride] of paddings) {
    const side = published / stride;
    const name = `shape_1x${channels}x${side}x${side}`;
    const at = offsetOf(model, Buffer.from([1, channels, side, side, 0x42, name.length, ...Buffer.from(name)]));
    patched[at + 2] = height / stride;
    patched[at + 3] = width / stride;
  }
  for (const [rows, numbers] of outputShapes) {
    const at = offsetOf(model, int64s(1, rows, numbers));
    int64s(1, (rows * width * height) / published ** 2, numbers).copy(patched, at);
  }
  return withoutInnerShapes(patched);
}

/** Channels of zeros, and the stride of the layer to which they are added. */
const paddings = [
  [24, 8],
  [48, 16],
] as const;

/** Anchors of all cells, and the values per anchor. */
const outputShapes = [
  [512, 1],
  [512, 16],
  [384, 1],
  [384, 16],
] as const;

function offsetOf(model: Buffer, bytes: Buffer): number {
  const at = model.indexOf(bytes);
  if (at >= 0 && model.indexOf(bytes, at + 1) < 0) return at;
  throw new MienError('The BlazeFace file is not the one with an input of 1x256x256x3', {
    code: exitCode.badData,
    remedy: 'Fetch the pinned one again: mien models pull',
  });
}

function int64s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigInt64LE(BigInt(value), 8 * index);
  return bytes;
}

function varint2(value: number): Buffer {
  return Buffer.from([(value & 0x7f) | 0x80, value >> 7]);
}

/** Protobuf field numbers: ModelProto.graph, GraphProto.value_info. */
const graphField = 7;
const valueInfoField = 13;

function withoutInnerShapes(model: Buffer): Buffer {
  const parts = [...fieldsOf(model)].map(({ number, bytes, content }) => {
    if (number !== graphField) return bytes;
    const kept = [...fieldsOf(content)].filter((field) => field.number !== valueInfoField).map((field) => field.bytes);
    const graph = Buffer.concat(kept);
    return Buffer.concat([Buffer.from([(graphField << 3) | 2]), varint(graph.length), graph]);
  });
  return Buffer.concat(parts);
}

interface Field {
  readonly number: number;
  /** The whole field, and its content; empty for a varint. */
  readonly bytes: Buffer;
  readonly content: Buffer;
}

/**
 * The fields of a protobuf message. Supports varints and length-delimited fields, the only ones that ONNX uses at these
 * levels.
 */
function* fieldsOf(message: Buffer): Generator<Field> {
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at);
    const value = readVarint(message, tag.end);
    const hasLength = (tag.value & 7) === 2;
    const end = hasLength ? value.end + value.value : value.end;
    yield { number: tag.value >> 3, bytes: message.subarray(at, end), content: message.subarray(value.end, end) };
    at = end;
  }
}

function readVarint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let end = at; ; end++) {
    value += (bytes[end]! & 0x7f) * 2 ** (7 * (end - at));
    if (bytes[end]! < 0x80) return { value, end: end + 1 };
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

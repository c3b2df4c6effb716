import { describe, expect, test } from 'vitest';
import { iou, suppressOverlaps } from '../core/boxes.ts';
import type { Detection } from '../core/types.ts';
import { decodeYunet, yunetOutputNames, yunetStrides } from './yunet-decode.ts';
import { withInputSize } from './yunet-runtimes.ts';

const inputWidth = 320;
const inputHeight = 256;

/** YuNet's outputs for an input of 320x256 without a face. */
function silentOutputs(): Record<string, Float32Array> {
  const values = { cls: 1, obj: 1, bbox: 4, kps: 10 } as const;
  return Object.fromEntries(
    yunetOutputNames.map((name) => {
      const [kind, stride] = name.split('_') as [keyof typeof values, string];
      const cells = (inputWidth / Number(stride)) * (inputHeight / Number(stride));
      return [name, new Float32Array(cells * values[kind])];
    }),
  );
}

interface Cell {
  readonly stride: (typeof yunetStrides)[number];
  readonly column: number;
  readonly row: number;
  readonly cls: number;
  readonly obj: number;
  readonly bbox?: readonly [number, number, number, number];
  readonly kps?: readonly number[];
}

function outputsWith(...cells: readonly Cell[]) {
  const outputs = silentOutputs();
  for (const { stride, column, row, cls, obj, bbox = [0, 0, 0, 0], kps = [] } of cells) {
    const cell = row * (inputWidth / stride) + column;
    outputs[`cls_${stride}`]![cell] = cls;
    outputs[`obj_${stride}`]![cell] = obj;
    outputs[`bbox_${stride}`]!.set(bbox, cell * 4);
    outputs[`kps_${stride}`]!.set(kps, cell * 10);
  }
  return outputs;
}

describe('decodeYunet', () => {
  test('outputs without a face give none', () => {
    expect(decodeYunet(silentOutputs(), inputWidth, 0.5)).toEqual([]);
  });

  test.each(yunetStrides)('reads box and landmarks of stride %i relative to their cell', (stride) => {
    const bbox = [0.5, 0.25, Math.log(3), Math.log(4)] as const;
    const kps = [-1, -0.5, 1, -0.5, 0, 0.5, -0.75, 1.5, 0.75, 1.25];
    const [face, ...others] = decodeYunet(
      outputsWith({ stride, column: 3, row: 5, cls: 0.81, obj: 1, bbox, kps }),
      inputWidth,
      0.7,
    );
    expect(others).toEqual([]);
    expect(face!.score).toBeCloseTo(0.9, 5);
    // Centre (3 + 0.5, 5 + 0.25) cells, size 3 x 4 cells.
    expect(face!.box.x).toBeCloseTo((3.5 - 1.5) * stride, 3);
    expect(face!.box.y).toBeCloseTo((5.25 - 2) * stride, 3);
    expect(face!.box.width).toBeCloseTo(3 * stride, 3);
    expect(face!.box.height).toBeCloseTo(4 * stride, 3);
    expect(face!.landmarks).toEqual({
      eyeLeft: { x: 2 * stride, y: 4.5 * stride },
      eyeRight: { x: 4 * stride, y: 4.5 * stride },
      nose: { x: 3 * stride, y: 5.5 * stride },
      mouthLeft: { x: 2.25 * stride, y: 6.5 * stride },
      mouthRight: { x: 3.75 * stride, y: 6.25 * stride },
    });
  });

  test('scores beyond 0..1 are clamped, and the threshold applies to the score', () => {
    const outputs = outputsWith(
      { stride: 8, column: 0, row: 0, cls: 1.2, obj: 1.1 },
      { stride: 8, column: 9, row: 0, cls: -0.4, obj: -0.9 },
      { stride: 16, column: 5, row: 5, cls: 0.49, obj: 1 },
      { stride: 16, column: 6, row: 6, cls: 0.5, obj: 1 },
    );
    expect(decodeYunet(outputs, inputWidth, 0.702).map(({ score }) => score)).toEqual([
      1,
      expect.closeTo(Math.SQRT1_2, 4),
    ]);
  });
});

function detection(x: number, y: number, size: number, score: number): Detection {
  return { box: { x, y, width: size, height: size }, score };
}

describe('overlapping boxes', () => {
  test('iou is 1 for equal boxes, 0 for adjacent ones, and intersection over union otherwise', () => {
    const box = { x: 0, y: 0, width: 10, height: 10 };
    expect(iou(box, box)).toBe(1);
    expect(iou(box, { ...box, x: 10 })).toBe(0);
    expect(iou(box, { ...box, x: 5 })).toBeCloseTo(50 / 150, 10);
    expect(iou(box, { x: 2, y: 2, width: 5, height: 5 })).toBeCloseTo(25 / 100, 10);
  });

  test('the best box of each face is kept, in order of score', () => {
    const faces = [
      detection(100, 100, 50, 0.8),
      detection(104, 98, 52, 0.95),
      detection(300, 100, 40, 0.9),
      detection(96, 104, 50, 0.7),
    ];
    expect(suppressOverlaps(faces, 0.3).map(({ score }) => score)).toEqual([0.95, 0.9]);
  });

  test('a box that overlaps only a dropped box is kept', () => {
    const chain = [detection(0, 0, 10, 0.9), detection(5, 0, 10, 0.8), detection(10, 0, 10, 0.7)];
    expect(suppressOverlaps(chain, 0.3).map(({ score }) => score)).toEqual([0.9, 0.7]);
  });
});

describe('withInputSize', () => {
  const shape = Buffer.from('0a0208010a0208030a030880050a03088005', 'hex');
  const model = Buffer.concat([Buffer.from('before'), shape, Buffer.from('after')]);

  test('writes height and width over the declared 640x640 and nothing else', () => {
    const patched = withInputSize(model, { width: 320, height: 256 });
    // Protobuf varints: 256 = 80 02, 320 = c0 02.
    expect(patched.toString('latin1')).toBe(
      `before${Buffer.from('0a0208010a0208030a030880020a0308c002', 'hex').toString('latin1')}after`,
    );
    expect(model.includes(shape)).toBe(true);
    expect(withInputSize(model, { width: 640, height: 640 }).equals(model)).toBe(true);
  });

  test.each([
    ['a foreign file', Buffer.from('no network at all')],
    ['a file that declares it twice', Buffer.concat([shape, shape])],
  ])('refuses %s with exit code 65', (_, bytes) => {
    expect(() => withInputSize(bytes, { width: 320, height: 256 })).toThrow(
      expect.objectContaining({
        name: 'MienError',
        code: 65,
        message: 'The YuNet file does not declare one input of 1x3x640x640',
        remedy: 'Fetch the pinned one again: mien models pull',
      }),
    );
  });
});

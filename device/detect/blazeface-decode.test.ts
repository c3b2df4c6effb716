import { describe, expect, test } from 'vitest';
import { type BlazefaceLayer, blazefaceLayers, decodeBlazeface } from './blazeface-decode.ts';

const input = { width: 256, height: 192 };

/** The logit of this probability. */
const logitOf = (score: number) => Math.log(score / (1 - score));

interface Anchor {
  readonly stride: 16 | 32;
  readonly column: number;
  readonly row: number;
  readonly anchor: number;
  readonly score: number;
  readonly numbers?: readonly number[];
}

/** The outputs for an input of 256x192 with only these faces. */
function outputsWith(...found: readonly Anchor[]): BlazefaceLayer[] {
  return blazefaceLayers.map(({ stride, anchors }) => {
    const cells = (input.width / stride) * (input.height / stride);
    const logits = new Float32Array(cells * anchors).fill(-20);
    const boxes = new Float32Array(cells * anchors * 16);
    for (const { column, row, anchor, score, numbers = [] } of found.filter((each) => each.stride === stride)) {
      const index = (row * (input.width / stride) + column) * anchors + anchor;
      logits[index] = logitOf(score);
      boxes.set(numbers, index * 16);
    }
    return { stride, anchors, logits, boxes };
  });
}

describe('decodeBlazeface', () => {
  test('outputs without a face give none', () => {
    expect(decodeBlazeface(outputsWith(), input, 0.1)).toEqual([]);
  });

  test.each([
    [16, 1],
    [32, 5],
  ] as const)('reads square and six points of stride %i from the centre of their cell', (stride, anchor) => {
    const points = [-10, -8, 10, -7, 1, 2, 2, 12, -20, -4, 20, -3];
    const [face, ...others] = decodeBlazeface(
      outputsWith({ stride, column: 3, row: 2, anchor, score: 0.75, numbers: [4, -6, 50, 50, ...points] }),
      input,
      0.7,
    );
    expect(others).toEqual([]);
    const [x, y] = [3.5 * stride, 2.5 * stride];
    const at = (right: number, down: number) => ({ x: x + right, y: y + down });
    expect(face!.landmarks).toEqual({
      eyeLeft: at(-10, -8),
      eyeRight: at(10, -7),
      nose: at(1, 2),
      mouth: at(2, 12),
      earLeft: at(-20, -4),
      earRight: at(20, -3),
    });
    // A square of 50 px mapped to YuNet's box: narrower, and up to the hairline.
    const { box } = face!;
    expect(box.width).toBeCloseTo(47, 5);
    expect(box.height).toBeCloseTo(61.5, 5);
    expect(box.x + box.width / 2).toBeCloseTo(x + 4, 5);
    expect(box.y + box.height / 2).toBeCloseTo(y - 6 - 6.75, 5);
  });

  test.each([
    [8, 0.88, 1.12, -0.015],
    [12, 0.88, 1.12, -0.015],
    [16, 0.91, 1.175, -0.075],
    [20, 0.94, 1.23, -0.135],
    [90, 0.94, 1.23, -0.135],
  ])("a square of %i px is mapped to YuNet's box", (side, width, height, down) => {
    const numbers = [0, 0, side, side];
    const [face] = decodeBlazeface(
      outputsWith({ stride: 16, column: 0, row: 0, anchor: 0, score: 0.9, numbers }),
      input,
      0.5,
    );
    expect(face!.box.width).toBeCloseTo(width * side, 5);
    expect(face!.box.height).toBeCloseTo(height * side, 5);
    expect(face!.box.y + face!.box.height / 2).toBeCloseTo(8 + down * side, 5);
  });

  test.each([
    [0.25, 0.25],
    [0.3, 0.3],
    [0.6, 0.5],
    [0.65, 0.6],
    [0.7, 0.7],
    [0.75, 0.775],
    [0.8, 0.85],
    [0.9, 0.925],
    [0.999, 0.99925],
  ])('a score of %f is mapped to %f of YuNet', (score, expected) => {
    const outputs = outputsWith({ stride: 16, column: 0, row: 0, anchor: 0, score });
    const best = decodeBlazeface(outputs, input, 0.2);
    expect(best.map((face) => face.score)).toEqual([expect.closeTo(expected, 5)]);
    expect(decodeBlazeface(outputs, input, expected + 0.001)).toEqual([]);
  });
});

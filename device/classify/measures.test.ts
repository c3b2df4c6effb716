import { describe, expect, test } from 'vitest';
import { mouthOf } from '../core/landmarks.ts';
import { cv } from '../core/opencv.ts';
import type { Landmarks } from '../core/types.ts';
import { drawMadeUpFace, faceSide } from '../lab/fixtures/made-up-faces.ts';
import { headTurn, measureCrop } from './measures.ts';

const input = { width: faceSide, height: faceSide };

/** A synthetic face of 48 x 48 pixels, changed by OpenCV. */
function crop(change: (face: InstanceType<typeof cv.Mat>) => InstanceType<typeof cv.Mat> = (face) => face): Uint8Array {
  const face = new cv.Mat(Buffer.from(drawMadeUpFace(3)), faceSide, faceSide, cv.CV_8UC1);
  return Uint8Array.from(change(face).getData());
}

const measure = (pixels: Uint8Array, side = 96) => measureCrop(pixels, input, side);

describe('of a crop', () => {
  test('contrast is the deviation of its grey levels, whatever the brightness', () => {
    const plain = measure(crop());
    const dim = measure(Uint8Array.from(crop(), (value) => Math.round(value / 5)));
    const brighter = measure(Uint8Array.from(crop(), (value) => Math.round(value / 5) + 100));
    expect(plain.contrast).toBeGreaterThan(10);
    expect(dim.contrast).toBeCloseTo(plain.contrast / 5, 0);
    expect(brighter.contrast).toBeCloseTo(dim.contrast, 6);
  });

  test('sharpness falls with blur, and does not depend on contrast', () => {
    const blurred = (sigma: number) => measure(crop((face) => face.gaussianBlur(new cv.Size(0, 0), sigma))).sharpness;
    expect(blurred(1)).toBeLessThan(measure(crop()).sharpness);
    expect(blurred(2)).toBeLessThan(blurred(1) / 1.3);
    const flat = Uint8Array.from(crop(), (value) => value / 2);
    expect(measure(flat).sharpness).toBeCloseTo(measure(crop()).sharpness, 1);
  });

  test('motion in one direction is blur too', () => {
    const moved = measure(crop((face) => face.blur(new cv.Size(9, 1)))).sharpness;
    expect(moved).toBeLessThan(measure(crop()).sharpness / 1.3);
  });

  test('an enlarged crop is not blurred: its edges are as wide as a pixel of the frame', () => {
    const small = crop((face) => face.resize(24, 24, 0, 0, cv.INTER_AREA).resize(48, 48, 0, 0, cv.INTER_CUBIC));
    expect(measure(small, 24).sharpness).toBeGreaterThan(1.3 * measure(small, 96).sharpness);
  });

  test('a uniform crop has neither contrast nor sharpness', () => {
    expect(measure(new Uint8Array(faceSide * faceSide).fill(90))).toEqual({ contrast: 0, sharpness: 0 });
  });
});

describe('turn of the head', () => {
  /** A head in parallel projection, turned to the side and tilted. */
  function head(turn: number, tilt = 0, size = 20): Landmarks {
    const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
    const [along, across] = [Math.cos((tilt * Math.PI) / 180), Math.sin((tilt * Math.PI) / 180)];
    const seen = (x: number, y: number, z: number) => {
      const [flatX, flatY] = [size * (x * cos + z * sin), size * y];
      return { x: 100 + flatX * along - flatY * across, y: 80 + flatX * across + flatY * along };
    };
    return {
      eyeLeft: seen(-0.5, 0, 0),
      eyeRight: seen(0.5, 0, 0),
      nose: seen(0, 0.6, 0.55),
      mouthLeft: seen(-0.35, 1, 0),
      mouthRight: seen(0.35, 1, 0),
    };
  }

  test.each([0, 15, 30, 45, 70, -30])('of %d degrees is measured at any tilt and size', (turn) => {
    for (const tilt of [0, 25, -40]) {
      expect(headTurn(head(turn, tilt))).toBeCloseTo(Math.abs(turn), 6);
      expect(headTurn(head(turn, tilt, 77))).toBeCloseTo(Math.abs(turn), 6);
    }
  });

  test('one point for the mouth is enough', () => {
    const { eyeLeft, eyeRight, nose, ...mouthCorners } = head(25);
    const mouth = mouthOf({ eyeLeft, eyeRight, nose, ...mouthCorners });
    expect(headTurn({ eyeLeft, eyeRight, nose, mouth, earLeft: eyeLeft, earRight: eyeRight })).toBeCloseTo(25, 6);
  });

  test('coinciding points are not a frontal view', () => {
    const point = { x: 5, y: 5 };
    expect(headTurn({ eyeLeft: point, eyeRight: point, nose: point, mouthLeft: point, mouthRight: point })).toBe(90);
  });
});

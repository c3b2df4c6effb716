import { expect, test } from 'vitest';
import { decodePicture } from '../camera/picture.ts';
import { cv, type Mat } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import { modelsDir } from '../test/shared.ts';
import { readCard } from './card.ts';
import { cropSquare, cutCrop } from './crop.ts';

const { input } = readCard(modelsDir, 'simple-cnn');

/** A grey picture of the shades that `shade` gives. */
function pictureOf(width: number, height: number, shade: (x: number, y: number) => number): Mat {
  const bytes = Buffer.from(
    Uint8Array.from({ length: width * height }, (_, at) => shade(at % width, Math.floor(at / width))),
  );
  return new cv.Mat(bytes, height, width, cv.CV_8UC1);
}

function crop(frame: Mat, region: Box): Uint8Array {
  const into = new Uint8Array(input.width * input.height);
  cutCrop(frame, region, input, into);
  return into;
}

const texture = (x: number, y: number) => (x * 37 + y * 91 + ((x * y) % 23) * 5) % 256;

test('the square is as large as the card says, around the moved centre of the box', () => {
  const box = { x: 100, y: 50, width: 80, height: 100 };
  expect(cropSquare(box, { scale: 1, dx: 0, dy: 0 })).toEqual({ x: 90, y: 50, width: 100, height: 100 });
  expect(cropSquare(box, { scale: 1.2, dx: 0.1, dy: -0.05 })).toEqual({ x: 90, y: 35, width: 120, height: 120 });
});

test('a picture of the input size goes through byte by byte', () => {
  const png = cv.imencode('.png', pictureOf(48, 48, texture));
  const picture = decodePicture(png, 'crop.png');
  const whole = { x: 0, y: 0, width: 48, height: 48 };
  expect(crop(picture, whole)).toEqual(
    Uint8Array.from({ length: 48 * 48 }, (_, at) => texture(at % 48, Math.floor(at / 48))),
  );
});

test('a region is cut from its place', () => {
  const frame = pictureOf(200, 160, texture);
  expect(crop(frame, { x: 70.4, y: 20.6, width: 48, height: 48 })).toEqual(
    Uint8Array.from({ length: 48 * 48 }, (_, at) => texture(70 + (at % 48), 21 + Math.floor(at / 48))),
  );
});

test('a grey frame and the same as colour give the same crop', () => {
  const grey = pictureOf(120, 120, texture);
  const colour = grey.cvtColor(cv.COLOR_GRAY2BGR);
  const region = { x: 3, y: 5, width: 96, height: 96 };
  expect(crop(colour, region)).toEqual(crop(grey, region));
});

test('shrinking averages, so that fine stripes turn grey and not into false ones', () => {
  const stripes = pictureOf(480, 480, (x) => (x % 2 === 0 ? 0 : 200));
  const shrunk = crop(stripes, { x: 0, y: 0, width: 480, height: 480 });
  expect(new Set(shrunk)).toEqual(new Set([100]));
});

test('what lies beyond the frame repeats its edge', () => {
  const frame = pictureOf(100, 80, (x, y) => x + y);
  const at = (cropped: Uint8Array, x: number, y: number) => cropped[y * 48 + x];
  const corner = crop(frame, { x: -20, y: -10, width: 48, height: 48 });
  expect([at(corner, 0, 0), at(corner, 20, 10), at(corner, 0, 30), at(corner, 47, 47)]).toEqual([0, 0, 20, 27 + 37]);
  const opposite = crop(frame, { x: 70, y: 50, width: 48, height: 48 });
  expect([at(opposite, 0, 0), at(opposite, 29, 29), at(opposite, 47, 47), at(opposite, 47, 0)]).toEqual([
    120,
    99 + 79,
    99 + 79,
    99 + 50,
  ]);
});

test.each([
  ['far outside', { x: -500, y: -500, width: 60, height: 60 }],
  ['beyond the other corner', { x: 900, y: 900, width: 60, height: 60 }],
  ['larger than the frame', { x: -100, y: -100, width: 400, height: 400 }],
  ['less than a pixel', { x: 10, y: 10, width: 0.2, height: 0.2 }],
])('a box %s gives a crop all the same', (_, region) => {
  const cropped = crop(
    pictureOf(100, 80, () => 77),
    region,
  );
  expect(new Set(cropped)).toEqual(new Set([77]));
});

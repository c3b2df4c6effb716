import { expect, test } from 'vitest';
import { decodePicture } from '../camera/picture.ts';
import { readCard } from '../core/model-card.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { type CropRegion, cropSquare, cutCrop, wholePicture } from './crop.ts';

const { input } = readCard(modelsDir, 'simple-cnn');

/** A grey picture with the grey levels of `shade`. */
function pictureOf(width: number, height: number, shade: (x: number, y: number) => number): Mat {
  const bytes = Buffer.from(
    Uint8Array.from({ length: width * height }, (_, at) => shade(at % width, Math.floor(at / width))),
  );
  return new cv.Mat(bytes, height, width, cv.CV_8UC1);
}

/** The upright region with this top left corner. */
function upright(left: number, top: number, width: number, height = width): CropRegion {
  return { center: { x: left + width / 2, y: top + height / 2 }, width, height, roll: 0 };
}

function crop(frame: Mat, place: CropRegion, isMirrored = false): Uint8Array {
  const into = new Uint8Array(input.width * input.height);
  cutCrop(frame, place, input, into, isMirrored);
  return into;
}

/** The expected crop of the input size. */
function pixels(shade: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: 48 * 48 }, (_, at) => shade(at % 48, Math.floor(at / 48)));
}

function largestGap(one: Uint8Array, other: Uint8Array): number {
  return Math.max(...one.map((value, at) => Math.abs(value - other[at]!)));
}

const texture = (x: number, y: number) => (x * 37 + y * 91 + ((x * y) % 23) * 5) % 256;
const waves = (x: number, y: number) => Math.round(128 + 60 * Math.sin(x / 9) + 50 * Math.cos(y / 7 + x / 15));

test("the square has the card's size, around the offset centre of the box", () => {
  const box = { x: 100, y: 50, width: 80, height: 100 };
  expect(cropSquare(box, { scale: 1, dx: 0, dy: 0 })).toEqual(upright(90, 50, 100));
  expect(cropSquare(box, { scale: 1.2, dx: 0.1, dy: -0.05 })).toEqual(upright(90, 35, 120));
});

test('a picture of the input size is unchanged', () => {
  const png = cv.imencode('.png', pictureOf(48, 48, texture));
  const picture = decodePicture(png, 'crop.png');
  expect(crop(picture, wholePicture(picture))).toEqual(pixels(texture));
});

test('the mirrored crop is the mirror image of the crop', () => {
  const frame = pictureOf(300, 200, waves);
  for (const place of [upright(70, 20, 48), upright(40.3, 15.8, 133.7), { ...upright(90, 60, 30), roll: 0.4 }]) {
    const plain = crop(frame, place);
    const mirrored = crop(frame, place, true);
    expect(largestGap(mirrored, plain)).toBeGreaterThan(10);
    const back = pixels((x, y) => mirrored[y * 48 + 47 - x]!);
    // OpenCV rounds subpixel positions to 1/32.
    expect(largestGap(back, plain)).toBeLessThanOrEqual(1);
  }
});

test('a region is cut at its position', () => {
  const frame = pictureOf(200, 160, texture);
  expect(crop(frame, upright(70, 21, 48))).toEqual(pixels((x, y) => texture(70 + x, 21 + y)));
});

test('a shift of half a pixel interpolates between two pixels', () => {
  const slope = pictureOf(200, 160, (x) => x);
  expect(crop(slope, upright(70.5, 21, 48))).toEqual(pixels((x) => Math.round(70.5 + x)));
});

test('a region is rotated clockwise around its centre', () => {
  const frame = pictureOf(200, 160, texture);
  // A crop rotated by 90 degrees: its x runs down the frame, its y to the left.
  const turned = crop(frame, { ...upright(70, 21, 48), roll: Math.PI / 2 });
  expect(turned).toEqual(pixels((x, y) => texture(70 + 47 - y, 21 + x)));
});

test.each([
  ['shrinking', 130],
  ['growing', 25],
])('a rotated region keeps its position when %s', (_, side) => {
  const place = { center: { x: 97.3, y: 88.6 }, width: side, height: side, roll: 0.35 };
  const [cos, sin] = [Math.cos(0.35), Math.sin(0.35)];
  const expected = pixels((column, row) => {
    const [u, v] = [((column + 0.5) / 48 - 0.5) * side, ((row + 0.5) / 48 - 0.5) * side];
    return waves(place.center.x + cos * u - sin * v - 0.5, place.center.y + sin * u + cos * v - 0.5);
  });
  expect(largestGap(crop(pictureOf(200, 180, waves), place), expected)).toBeLessThanOrEqual(3);
});

test('a frame in grey and in colour gives the same crop', () => {
  const grey = pictureOf(120, 120, texture);
  const colour = grey.cvtColor(cv.COLOR_GRAY2BGR);
  const place = upright(3, 5, 96);
  expect(crop(colour, place)).toEqual(crop(grey, place));
});

test.each([340, 306, 322.3])('reducing from %d px averages: fine stripes become grey without aliasing', (side) => {
  const stripes = pictureOf(480, 480, (x) => (x % 2 === 0 ? 0 : 200));
  for (const roll of [0, 0.3]) {
    const shrunk = crop(stripes, { center: { x: 240, y: 240 }, width: side, height: side, roll });
    expect(Math.max(...shrunk) - Math.min(...shrunk)).toBeLessThan(25);
  }
});

test('reducing to a tenth gives the exact mean of the pixels', () => {
  const stripes = pictureOf(480, 480, (x) => (x % 2 === 0 ? 0 : 200));
  expect(new Set(crop(stripes, upright(0, 0, 480)))).toEqual(new Set([100]));
});

test('pixels beyond the frame repeat its edge', () => {
  const frame = pictureOf(100, 80, (x, y) => x + y);
  const at = (cropped: Uint8Array, x: number, y: number) => cropped[y * 48 + x];
  const corner = crop(frame, upright(-20, -10, 48));
  expect([at(corner, 0, 0), at(corner, 20, 10), at(corner, 0, 30), at(corner, 47, 47)]).toEqual([0, 0, 20, 27 + 37]);
  const opposite = crop(frame, upright(70, 50, 48));
  expect([at(opposite, 0, 0), at(opposite, 29, 29), at(opposite, 47, 47), at(opposite, 47, 0)]).toEqual([
    120,
    99 + 79,
    99 + 79,
    99 + 50,
  ]);
});

test.each([
  ['far outside', upright(-500, -500, 60)],
  ['beyond the other corner', upright(900, 900, 60)],
  ['larger than the frame', upright(-100, -100, 400)],
  ['less than a pixel', upright(10, 10, 0.2)],
  ['turned over the edge', { ...upright(-20, 60, 60), roll: 1 }],
])('a region %s gives a crop', (_, place) => {
  const cropped = crop(
    pictureOf(100, 80, () => 77),
    place,
  );
  expect(new Set(cropped)).toEqual(new Set([77]));
});

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cv, type Mat } from '../core/opencv.ts';
import { packageRoot } from '../core/paths.ts';
import { turnedJpeg } from '../lab/fixtures/hostile-pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { turnedPng, turnedWebp } from '../lab/fixtures/turned-pictures.ts';
import { annotatedJpeg, plainJpeg } from '../vision/jpeg.ts';
import { openJpeg } from './jpeg-reader.ts';
import { openSource } from './open.ts';
import { compose, orient, orientationOf, orientationOfExif } from './orientation.ts';
import { decodePicture } from './picture.ts';
import type { Frame } from './source.ts';

const folder = scratchFolder();
const recordings = join(packageRoot, 'device', 'lab', 'fixtures', 'recordings');
const options = { width: 640, height: 480, fps: 30, loop: false, pace: 'max' } as const;
const { signal } = new AbortController();

type Corner = 'top left' | 'top right' | 'bottom left' | 'bottom right';

/** A dark picture, wider than high, with one bright corner. */
function cornered(corner: Corner, width = 64, height = 48): Mat {
  const picture = new cv.Mat(Buffer.alloc(width * height * 3, 20), height, width, cv.CV_8UC3);
  const [x, y] = [corner.endsWith('right') ? width / 2 : 0, corner.startsWith('bottom') ? height / 2 : 0];
  picture.drawRectangle(
    new cv.Point2(x, y),
    new cv.Point2(x + width / 2 - 1, y + height / 2 - 1),
    new cv.Vec3(230, 230, 230),
    -1,
  );
  return picture;
}

function brightCorner(picture: Mat): Corner {
  const grey = picture.channels === 1 ? picture : picture.cvtColor(cv.COLOR_BGR2GRAY);
  const at = (down: number, across: number) =>
    grey.at(Math.floor(down * grey.rows), Math.floor(across * grey.cols)) as unknown as number;
  const bright = [
    ['top left', at(0.25, 0.25)],
    ['top right', at(0.25, 0.75)],
    ['bottom left', at(0.75, 0.25)],
    ['bottom right', at(0.75, 0.75)],
  ] as const;
  const found = bright.filter(([, value]) => value > 128);
  expect(found).toHaveLength(1);
  return found[0]![0];
}

/** Position of the bright top left corner in the stored picture for each EXIF orientation (CIPA DC-008, 4.6.5.1). */
const stored: Readonly<Record<number, Corner>> = {
  1: 'top left',
  2: 'top right',
  3: 'bottom right',
  4: 'bottom left',
  5: 'top left',
  6: 'bottom left',
  7: 'bottom right',
  8: 'top right',
};
const values = [1, 2, 3, 4, 5, 6, 7, 8];
const isSideways = (value: number) => value >= 5;

test.each(values)('EXIF %d means the same in JPEG, PNG and WebP', (value) => {
  const picture = cornered(stored[value]!);
  const files = [
    turnedJpeg(cv.imencode('.jpg', picture), value),
    turnedPng(cv.imencode('.png', picture), value),
    turnedWebp(cv.imencode('.webp', picture), value, { width: 64, height: 48 }),
  ];
  for (const bytes of files) {
    const decoded = decodePicture(bytes, 'turned');
    expect([decoded.cols, decoded.rows]).toEqual(isSideways(value) ? [48, 64] : [64, 48]);
    expect(brightCorner(decoded)).toBe('top left');
  }
});

test('an undefined EXIF value counts as upright', () => {
  expect(brightCorner(decodePicture(turnedJpeg(cv.imencode('.jpg', cornered('top right')), 9), 'odd'))).toBe(
    'top right',
  );
});

test.each(values)("EXIF %d in live Motion JPEG: frames and viewers' pictures are upright", (value) => {
  const bytes = turnedJpeg(cv.imencode('.jpg', cornered(stored[value]!, 640, 480)), value);
  const { mat, jpeg } = openJpeg(bytes, () => 160)!;
  const [width, height] = isSideways(value) ? [480, 640] : [640, 480];
  expect([mat.cols * jpeg.scale, mat.rows * jpeg.scale]).toEqual([width, height]);
  const frame: Frame = { index: 0, t: 0, mono: 0, mat, jpeg };
  const shown = [plainJpeg(frame, 80), annotatedJpeg(frame, [], 80)].map((each) => cv.imdecode(each));
  for (const picture of [mat, jpeg.decode(1, 'grey'), ...shown]) expect(brightCorner(picture)).toBe('top left');
  for (const picture of shown) expect([picture.cols, picture.rows]).toEqual([width, height]);
});

describe('camera.rotate and camera.flip', () => {
  test.each([
    [{}, 'top left'],
    [{ rotate: 90 }, 'top right'],
    [{ rotate: 180 }, 'bottom right'],
    [{ rotate: 270 }, 'bottom left'],
    [{ flip: 'horizontal' }, 'top right'],
    [{ flip: 'vertical' }, 'bottom left'],
    [{ rotate: 90, flip: 'horizontal' }, 'top left'],
    [{ rotate: 90, flip: 'vertical' }, 'bottom right'],
  ] as const)('%j moves the top left corner to the %s for every kind of source', async (mounting, corner) => {
    const { rotate = 0 } = mounting as { rotate?: number };
    const name = join(folder, `pictures-${JSON.stringify(mounting).replaceAll(/\W/g, '')}`);
    mkdirSync(name);
    cv.imwrite(join(name, '1.png'), cornered('top left', 64, 48));
    const size = rotate % 180 === 90 ? [48, 64] : [64, 48];
    for (const spec of [name, join(recordings, 'upright.mp4'), join(recordings, 'left-out.avi')]) {
      const source = await openSource(spec, { ...options, ...mounting });
      const { mat } = (await source.read(signal))!;
      expect([mat.cols, mat.rows, source.info.width, source.info.height]).toEqual([...size, ...size]);
      expect(brightCorner(mat)).toBe(corner);
      source.close();
    }
  });

  test('bytes with another orientation than the picture are not passed on', () => {
    const bytes = cv.imencode('.jpg', cornered('top left', 640, 480));
    const mounting = orientationOf({ rotate: 180 });
    const { mat, jpeg } = openJpeg(bytes, () => 160, { mounting })!;
    const frame: Frame = { index: 0, t: 0, mono: 0, mat, jpeg };
    expect(brightCorner(cv.imdecode(plainJpeg(frame, 80)))).toBe('bottom right');
    const asSent = openJpeg(bytes, () => 160)!;
    expect(plainJpeg({ ...frame, ...asSent }, 80).equals(bytes)).toBe(true);
  });
});

test('compose gives the result of two orientations in sequence, for all 64 pairs', () => {
  for (const first of values.map(orientationOfExif)) {
    for (const second of values.map(orientationOfExif)) {
      const picture = () => new cv.Mat(Buffer.from([1, 2, 3, 4, 5, 6]), 2, 3, cv.CV_8UC1);
      const inTurn = orient(orient(picture(), first), second);
      expect(orient(picture(), compose(first, second)).getDataAsArray()).toEqual(inTurn.getDataAsArray());
    }
  }
});

describe('a phone video', () => {
  async function firstOf(path: string) {
    const source = await openSource(path, options);
    const { mat } = (await source.read(signal))!;
    source.close();
    expect([mat.cols, mat.rows]).toEqual([source.info.width, source.info.height]);
    return { size: [mat.cols, mat.rows], corner: brightCorner(mat) };
  }

  test.each(['upright', 'turned-clockwise', 'turned-counterclockwise', 'turned-over'])(
    '%s.mp4 is read upright',
    async (name) => {
      expect(await firstOf(join(recordings, `${name}.mp4`))).toEqual({ size: [64, 48], corner: 'top left' });
    },
  );

  test.each([
    [[-1, 0, 0, 1], 'top right', [64, 48]],
    [[1, 0, 0, -1], 'bottom left', [64, 48]],
    [[0, 1, 1, 0], 'top left', [48, 64]],
    [[0, -1, -1, 0], 'bottom right', [48, 64]],
  ] as const)('with the mirroring matrix %j follows its matrix', async (matrix, corner, size) => {
    const path = join(folder, `mirrored${matrix.join('')}.mp4`);
    copyFileSync(join(recordings, 'upright.mp4'), path);
    const bytes = readFileSync(path);
    const at = bytes.indexOf('tkhd') + 4 + 40;
    for (const [index, value] of matrix.entries()) bytes.writeInt32BE(value * 65_536, at + [0, 4, 12, 16][index]!);
    writeFileSync(path, bytes);
    expect(await firstOf(path)).toEqual({ size, corner });
  });
});

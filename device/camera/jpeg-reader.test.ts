import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { goodPicture } from '../lab/fixtures/hostile-pictures.ts';
import { greyPicture, shadeOf } from '../lab/fixtures/pictures.ts';
import {
  jpegOpener,
  motionJpeg,
  nextIntact,
  openJpeg,
  openJpegOffThread,
  requestBuffers,
  requestPackets,
} from './jpeg-reader.ts';
import { jpegSegments } from './jpeg-segments.ts';
import { decodePicture } from './picture.ts';

function jpegOf(width: number, height: number, shade = 90): Buffer {
  return cv.imencode('.jpg', greyPicture(shade, width, height));
}

test.each([
  { width: 640, height: 480, enough: 320, scale: 2 },
  { width: 1280, height: 720, enough: 320, scale: 4 },
  { width: 1920, height: 1080, enough: 320, scale: 4 },
  { width: 640, height: 480, enough: 640, scale: 1 },
  { width: 320, height: 240, enough: 640, scale: 1 },
  { width: 2592, height: 1944, enough: 320, scale: 8 },
  // Half of 325 rows is not an integer.
  { width: 650, height: 325, enough: 320, scale: 1 },
])(
  '$width x $height is decoded $scale times smaller for a target width of $enough px',
  ({ width, height, enough, scale }) => {
    const bytes = jpegOf(width, height);
    const { mat, jpeg } = openJpeg(bytes, () => enough)!;
    expect(jpeg.scale).toBe(scale);
    expect([mat.cols * scale, mat.rows * scale, mat.channels]).toEqual([width, height, 3]);
    expect(shadeOf(mat)).toBeCloseTo(90, -1);
    // The same buffer, not a copy.
    expect(jpeg.bytes.buffer).toBe(bytes.buffer);
    expect(jpeg.bytes.equals(bytes)).toBe(true);
  },
);

test.each([
  { width: 640, height: 480, scale: 8, channels: 1 },
  { width: 320, height: 240, scale: 4, channels: 1 },
  // Where no smaller version exists, the detector gets this one.
  { width: 48, height: 48, scale: 1, channels: 3 },
  { width: 854, height: 480, scale: 2, channels: 3 },
  { width: 1296, height: 972, scale: 4, channels: 3 },
] as const)('as a thumbnail $width x $height is decoded $scale times smaller, with $channels channels', (picture) => {
  const { width, height, scale, channels } = picture;
  const { mat, jpeg } = openJpeg(jpegOf(width, height), () => 320, { isThumbnail: true })!;
  expect(jpeg.scale).toBe(scale);
  expect(jpeg.targetScale).toBe(openJpeg(jpegOf(width, height), () => 320)!.jpeg.scale);
  expect([mat.cols * scale, mat.rows * scale, mat.channels]).toEqual([width, height, channels]);
  expect(mat.mean().w).toBeCloseTo(90, -1);
});

test('the picture can be decoded again at a larger size, in grey or in colour', () => {
  const { jpeg } = openJpeg(jpegOf(1280, 720, 140), () => 320)!;
  const grey = jpeg.decode(2, 'grey');
  expect([grey.cols, grey.rows, grey.channels]).toEqual([640, 360, 1]);
  expect(grey.mean().w).toBeCloseTo(140, -1);
  const whole = jpeg.decode(1, 'bgr');
  expect([whole.cols, whole.rows, whole.channels]).toEqual([1280, 720, 3]);
});

test("bytes after the picture in a driver's buffer are not passed on", () => {
  const bytes = jpegOf(64, 48);
  const buffer = Buffer.concat([bytes, jpegOf(80, 60).subarray(200), Buffer.alloc(500)]);
  expect(openJpeg(buffer, () => 320)!.jpeg.bytes.equals(bytes)).toBe(true);
});

test('a picture without Huffman tables gets the standard ones', () => {
  const bytes = jpegOf(64, 48);
  const segments = [...jpegSegments(bytes)];
  const tables = segments.filter(({ marker }) => marker === 0xc4);
  const bare = Buffer.concat([
    bytes.subarray(0, 2),
    ...segments.filter(({ marker }) => marker !== 0xc4).map(({ at, end }) => bytes.subarray(at, end)),
    bytes.subarray(segments.at(-1)!.end),
  ]);
  expect(bare.length).toBe(bytes.length - tables.reduce((sum, { at, end }) => sum + end - at, 0));
  const { jpeg } = openJpeg(bare, () => 320)!;
  expect(jpeg.bytes.length).toBe(bytes.length);
  expect(decodePicture(jpeg.bytes, 'with tables').getData().equals(decodePicture(bytes, 'as written').getData())).toBe(
    true,
  );
});

/** Declares a size of 65,500 x 65,500. */
function absurd(): Buffer {
  const bytes = jpegOf(64, 48);
  const start = [...jpegSegments(bytes)].find(({ marker }) => marker === 0xc0)!;
  bytes.writeUInt16BE(65_500, start.at + 5);
  bytes.writeUInt16BE(65_500, start.at + 7);
  return bytes;
}

test.each([
  ['empty', Buffer.alloc(0)],
  ['of zeros', Buffer.alloc(5000)],
  ['a start and nothing more', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
  ['cut short', jpegOf(640, 480).subarray(0, -400)],
  ['without its start', jpegOf(640, 480).subarray(2)],
  ['without a scan', Buffer.concat([jpegOf(640, 480).subarray(0, 300), Buffer.from([0xff, 0xd9])])],
  ['absurdly large', absurd()],
])('a damaged picture is refused: %s', async (_what, bytes) => {
  expect(openJpeg(bytes, () => 320)).toBeUndefined();
  expect(await openJpegOffThread(bytes, () => 320)).toBeUndefined();
});

test.each([false, true])('decoding on another thread gives the same picture (thumbnail: %s)', async (isThumbnail) => {
  const bytes = goodPicture('.jpg', 640, 480);
  const [here, beside] = [
    openJpeg(bytes, () => 320, { isThumbnail })!,
    (await openJpegOffThread(bytes, () => 320, { isThumbnail }))!,
  ];
  expect(beside.mat.getData().equals(here.mat.getData())).toBe(true);
  expect(beside.jpeg).toMatchObject({ bytes, scale: here.jpeg.scale, targetScale: here.jpeg.targetScale });
});

/** A source of undecoded pictures: intact and damaged ones as listed. */
function source(isWhole: readonly boolean[]) {
  let index = 0;
  const row = greyPicture(0, 8, 8);
  return {
    next: async () => (index < isWhole.length ? { index: index++, mat: row } : undefined),
    open: (mat: Mat) => (isWhole[index - 1] ? { mat } : undefined),
  };
}

test('a single damaged picture is skipped and keeps its number', async () => {
  const { next, open } = source([true, false, false, true]);
  expect((await nextIntact(next, open))!.index).toBe(0);
  expect((await nextIntact(next, open))!.index).toBe(3);
  expect(await nextIntact(next, open)).toBeUndefined();
});

test('the time of a frame is the arrival of its bytes, not the end of decoding', async () => {
  const { next, open } = source([true]);
  const slowly = async (mat: Mat) => {
    await wait(50);
    return open(mat);
  };
  const asked = performance.now();
  const { mono } = (await nextIntact(next, slowly))!;
  expect(mono).toBeGreaterThanOrEqual(asked);
  expect(performance.now() - mono).toBeGreaterThanOrEqual(49);
});

test('the picture after a damaged one is read even if unwanted, because the next wanted one may be seconds away', async () => {
  const { next, open } = source([false, false, true]);
  let asked = 0;
  expect((await nextIntact(next, open, { isWanted: () => ++asked === 1 }))!.index).toBe(2);
  expect(asked).toBe(1);
});

test('unwanted pictures are skipped without decoding and keep their numbers', async () => {
  const { next, open } = source(Array.from({ length: 50 }, (_, at) => at >= 40));
  const opened: number[] = [];
  let came = 0;
  const picture = await nextIntact(
    async () => {
      const given = await next();
      came += 1;
      return given;
    },
    (mat) => {
      opened.push(came - 1);
      return open(mat);
    },
    { isWanted: () => came > 45 },
  );
  expect(picture!.index).toBe(45);
  expect(opened).toEqual([45]);
});

test('thirty damaged pictures in a row are a camera fault with its remedy', async () => {
  const { next, open } = source(Array.from({ length: 40 }, () => false));
  await expect(nextIntact(next, open)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.badData,
    message: '30 damaged pictures in a row (expected whole JPEGs)',
    remedy: "Check the camera's cable and power, or ask for fewer or smaller pictures (camera.fps, camera.width)",
  });
});

/** A capture of pictures in this format, with the properties that were set. */
function captureOf(fourcc: number) {
  const asked: [number, number][] = [];
  const capture = {
    get: (property: number) => (property === cv.CAP_PROP_FOURCC ? fourcc : 0),
    set: (property: number, value: number) => asked.push([property, value]) > 0,
  };
  return { asked, capture: capture as unknown as VideoCapture };
}

test('undecoded pictures are requested only from a Motion JPEG camera', () => {
  const camera = captureOf(motionJpeg);
  expect(requestBuffers(camera.capture)).toBe(true);
  expect(camera.asked).toEqual([[cv.CAP_PROP_CONVERT_RGB, 0]]);
  const yuyv = captureOf(cv.VideoWriter.fourcc('YUYV'));
  expect(requestBuffers(yuyv.capture)).toBe(false);
  expect(yuyv.asked).toEqual([]);
  const h264 = captureOf(cv.VideoWriter.fourcc('h264'));
  expect(requestPackets(h264.capture)).toBe(false);
  expect(h264.asked).toEqual([]);
});

test.each([false, true])('a row of bytes from the capture becomes a picture (prefetch: %s)', async (isPrefetch) => {
  const bytes = jpegOf(640, 480, 120);
  const row = new cv.Mat(bytes, 1, bytes.length, cv.CV_8UC1);
  const { mat, jpeg } = (await jpegOpener(() => 320)(row, { isPrefetch }))!;
  expect(jpeg!.bytes.equals(bytes)).toBe(true);
  expect(shadeOf(mat)).toBeCloseTo(120, -1);
  // It was released, so it is empty.
  expect(row.rows).toBe(0);
});

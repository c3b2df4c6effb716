import { expect, test } from 'vitest';
import { cv } from '../core/opencv.ts';
import { isPictureType } from '../core/picture-types.ts';
import { goodPicture, hostileUploads } from '../lab/fixtures/hostile-pictures.ts';
import { jpegSegments } from './jpeg-segments.ts';
import { decodePicture } from './picture.ts';
import { pngChunks } from './picture-chunks.ts';
import { inspectUpload } from './upload.ts';

/** A bitmap of 32 bits per pixel with colour masks (BITMAPV4HEADER), the format of stored screenshots. */
function bitFields(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(14 + 108 + 4 * width * height, 0x60);
  bytes.fill(0, 0, 122);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(122, 10);
  bytes.writeUInt32LE(108, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(32, 28);
  bytes.writeUInt32LE(3, 30);
  for (const [at, mask] of [0xff0000, 0xff00, 0xff].entries()) bytes.writeUInt32LE(mask, 54 + 4 * at);
  return bytes;
}

const noise = () => {
  const bytes = Buffer.alloc(320 * 240 * 3);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7919 + (at >> 7) * 31) % 251;
  return new cv.Mat(bytes, 240, 320, cv.CV_8UC3);
};
const detailed = cv.imencode('.jpg', noise());

test.each([
  ['a bitmap with bit fields', bitFields(64, 48)],
  ['a JPEG without its end marker', goodPicture('.jpg').subarray(0, -2)],
  ['one with much in it', detailed.subarray(0, -2)],
  ['one with half of its end marker', detailed.subarray(0, -1)],
  ['a progressive one', cv.imencode('.jpg', noise(), [cv.IMWRITE_JPEG_PROGRESSIVE, 1]).subarray(0, -2)],
])('%s is accepted by uploads and by every other source', (_what, bytes) => {
  expect(inspectUpload(bytes)).toBeUndefined();
  const picture = decodePicture(bytes, 'picture');
  expect(picture.cols).toBeGreaterThan(60);
});

// A cut within the last block of pixels cannot be detected.
test.each([200, 1000, 10_000])('a JPEG without its last %d bytes is reported as cut short', (count) => {
  expect(() => decodePicture(detailed.subarray(0, -2 - count), 'cut')).toThrow(/it is cut short$/);
});

test('bytes that uploads refuse are refused by every other source', () => {
  const formats = /PPM|encoding|as text|as JSON|form|10 MB/;
  for (const { name, body } of hostileUploads().filter((upload) => !formats.test(upload.name))) {
    expect(() => decodePicture(body, 'hostile'), name).toThrow(/^Picture hostile cannot be used: /);
  }
});

test('aliases of the media types are accepted, and other types are refused', () => {
  for (const type of ['image/jpeg', 'image/jpg', 'image/pjpeg', 'image/x-ms-bmp'])
    expect(isPictureType(type)).toBe(true);
  for (const type of ['image/svg+xml', 'text/plain', 'application/json', '']) expect(isPictureType(type)).toBe(false);
});

test('only a limited number of empty segments or chunks in 9.9 MB is read', () => {
  const fill = (start: Buffer, part: string) =>
    Buffer.concat([start, Buffer.alloc(9_900_000, Buffer.from(part, 'hex'))]);
  const jpeg = fill(Buffer.from('ffd8', 'hex'), 'ffe00002');
  const png = fill(goodPicture('.png').subarray(0, 33), '000000007445587400000000');
  expect([...jpegSegments(jpeg)].length).toBeLessThanOrEqual(5000);
  expect([...pngChunks(png)].length).toBeLessThanOrEqual(5000);
  expect([inspectUpload(jpeg)?.kind, inspectUpload(png)?.kind]).toEqual(['damaged', 'damaged']);
});

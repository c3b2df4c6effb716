import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode, type MienError } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { greyPicture, pngHeader, shadeOf } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { decodePicture, pictureSize, readPicture } from './picture.ts';

const folder = scratchFolder();

/** The error of `readPicture` for a file with these bytes. */
function faultOf(name: string, bytes: Buffer | string): MienError {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return faultOfPath(path);
}

function faultOfPath(path: string): MienError {
  try {
    readPicture(path).release();
  } catch (error) {
    return error as MienError;
  }
  throw new Error(`${path} was read`);
}

function jpegOf(width: number, height: number): Buffer {
  return cv.imencode('.jpg', greyPicture(90, width, height));
}

test.each(['.jpg', '.png', '.bmp', '.webp', '.ppm'])('a %s file is read as BGR at its own size', (extension) => {
  const bytes = cv.imencode(extension, greyPicture(90, 80, 46));
  expect(pictureSize(bytes)).toEqual({ width: 80, height: 46 });
  const path = join(folder, `plain${extension}`);
  writeFileSync(path, bytes);
  const picture = readPicture(path);
  expect([picture.cols, picture.rows, picture.channels]).toEqual([80, 46, 3]);
  expect(shadeOf(picture)).toBeCloseTo(90, -1);
});

test('a grey picture is read as three equal channels', () => {
  const grey = greyPicture(120, 48, 48).cvtColor(cv.COLOR_BGR2GRAY);
  const picture = decodePicture(cv.imencode('.png', grey), 'grey');
  expect(picture.channels).toBe(3);
  expect(picture.atRaw(5, 5)).toEqual([120, 120, 120]);
});

test('the size is read from the header of the other kinds of WebP and of a progressive JPEG', () => {
  const lossless = Buffer.alloc(30);
  lossless.write('RIFF....WEBPVP8L', 0, 'latin1');
  lossless.writeUInt32LE((300 - 1) | ((200 - 1) << 14), 21);
  expect(pictureSize(lossless)).toEqual({ width: 300, height: 200 });
  const extended = Buffer.alloc(30);
  extended.write('RIFF....WEBPVP8X', 0, 'latin1');
  extended.writeUIntLE(20_000 - 1, 24, 3);
  extended.writeUIntLE(10_000 - 1, 27, 3);
  expect(pictureSize(extended)).toEqual({ width: 20_000, height: 10_000 });
  const progressive = cv.imencode('.jpg', greyPicture(90, 80, 46), [cv.IMWRITE_JPEG_PROGRESSIVE, 1]);
  expect(progressive.includes(Buffer.from('ffc2', 'hex'))).toBe(true);
  expect(pictureSize(progressive)).toEqual({ width: 80, height: 46 });
});

test('a missing file fails with its name and exit code 66', () => {
  const fault = faultOfPath(join(folder, 'nobody.jpg'));
  expect(fault).toMatchObject({ name: 'MienError', code: exitCode.noInput, remedy: 'Check the path' });
  expect(fault.message).toBe(`No such picture: ${join(folder, 'nobody.jpg')} (expected a .jpg or .png file)`);
});

test('an unreadable file fails with a one-line error and exit code 66', () => {
  // Reading process memory at address 0 fails for every user, including root.
  expect(faultOfPath('/proc/self/mem')).toMatchObject({
    name: 'MienError',
    code: exitCode.noInput,
    message: expect.stringMatching(/^Picture \/proc\/self\/mem cannot be read \(EIO[^\n]*\)$/),
  });
});

test.each([
  ['one.png', cv.imencode('.png', greyPicture(9, 1, 1)), /1x1 pixels, expected at least 2x2$/],
  ['line.png', cv.imencode('.png', greyPicture(9, 300, 1)), /300x1 pixels, expected at least 2x2$/],
  ['large.png', pngHeader(16_000, 16_000), /16000x16000 pixels, expected at most 40 megapixels$/],
  ['huge.png', pngHeader(20_000, 20_000), /20000x20000 pixels, expected at most 16384 a side$/],
  ['absurd.png', pngHeader(0xffffffff, 0xffffffff), /4294967295x4294967295 pixels, expected at most 16384 a side$/],
  ['drawing.jpg', '<svg xmlns="http://www.w3.org/2000/svg"/>', /expected JPEG, PNG, .* got an SVG$/],
  ['text.jpg', 'not a picture', /expected JPEG, PNG, .* got text$/],
  ['empty.jpg', '', /expected JPEG, PNG, .* got nothing$/],
  ['only-header.png', pngHeader(640, 480), /it is cut short$/],
  ['half.jpg', jpegOf(640, 480).subarray(0, -400), /it is cut short$/],
  ['no-scan.jpg', jpegOf(640, 480).subarray(0, 300), /it is cut short$/],
])('%s cannot be used, with exit code 65 and a remedy', (name, bytes, why) => {
  const fault = faultOf(name, bytes);
  expect(fault).toMatchObject({ name: 'MienError', code: exitCode.badData });
  expect(fault.message).toMatch(new RegExp(`^Picture .*${name.replace('.', '\\.')} cannot be used: `));
  expect(fault.message).toMatch(why);
  expect(fault.message).not.toContain('\n');
  expect(fault.remedy).toMatch(/^Convert or resize it/);
});

test('damage within a JPEG affects part of the picture and does not crash the process', () => {
  const path = join(folder, 'damaged.jpg');
  const bytes = jpegOf(640, 480);
  bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 40);
  writeFileSync(path, bytes);
  expect(readFileSync(path).length).toBe(bytes.length);
  const picture = readPicture(path);
  expect([picture.cols, picture.rows]).toEqual([640, 480]);
});

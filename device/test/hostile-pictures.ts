import { deflateSync, gzipSync } from 'node:zlib';
import { cv } from '../core/opencv.ts';
import { greyPicture, pngHeader } from './pictures.ts';

/** A body that somebody might send who means no good, or does not know better. */
export interface HostileUpload {
  readonly name: string;
  readonly body: Buffer;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A picture that is fine, as this format. */
export function goodPicture(extension: '.jpg' | '.png' | '.webp' | '.bmp', width = 320, height = 240): Buffer {
  const picture = greyPicture(120, width, height);
  const bytes = cv.imencode(extension, picture);
  picture.release();
  return bytes;
}

/** All that must be refused, each with its own kind of trick. */
export function hostileUploads(): readonly HostileUpload[] {
  const [jpeg, png, webp, bmp] = [goodPicture('.jpg'), goodPicture('.png'), goodPicture('.webp'), goodPicture('.bmp')];
  const as = (type: string) => (bodies: Readonly<Record<string, Buffer | string>>) =>
    Object.entries(bodies).map(([name, body]) => ({ name, body: Buffer.from(body as string), type }));
  return [
    ...as('image/jpeg')({
      'nothing at all': '',
      'JPEG cut short at a tenth': jpeg.subarray(0, jpeg.length / 10),
      'JPEG cut short at the half': jpeg.subarray(0, jpeg.length / 2),
      'JPEG without its last 40 bytes': jpeg.subarray(0, -40),
      'JPEG of a start marker': jpeg.subarray(0, 2),
      'JPEG of a start marker and zeros': Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(500)]),
      'JPEG that says 65535x65535': patched(jpeg, jpegSizeAt(jpeg), [0xff, 0xff, 0xff, 0xff]),
      'JPEG that says 0x0': patched(jpeg, jpegSizeAt(jpeg), [0, 0, 0, 0]),
      'JPEG that says 1x1': patched(jpeg, jpegSizeAt(jpeg), [0, 1, 0, 1]),
      'JPEG of tables and an end only': Buffer.concat([
        jpeg.subarray(0, jpegSizeAt(jpeg) - 5),
        Buffer.from([0xff, 0xd9]),
      ]),
      'text named .jpg': 'This is a holiday picture, honestly.\n',
      'HTML named .jpg': '<!doctype html><script>alert(1)</script>',
      'SVG with a script, named .jpg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      'SVG that refers to a file':
        '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
      'a shell script': '#!/bin/sh\nrm -rf /\n',
      'random bytes': Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919 + 13) % 251)),
      zeros: Buffer.alloc(4096),
      'a PDF': '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n',
      'a zip': Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300)]),
      'a gzip bomb': gzipSync(Buffer.alloc(50_000_000)),
      'a video': Buffer.concat([Buffer.from('\0\0\0\x20ftypisom'), Buffer.alloc(300)]),
      'a HEIC': Buffer.concat([Buffer.from('\0\0\0\x20ftypheic'), Buffer.alloc(300)]),
      'an AVIF': Buffer.concat([Buffer.from('\0\0\0\x20ftypavif'), Buffer.alloc(300)]),
      'a TIFF': Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(300)]),
      'a PPM, which OpenCV would take': Buffer.concat([Buffer.from('P6 64 64 255\n'), Buffer.alloc(64 * 64 * 3)]),
      'a GIF': Buffer.concat([Buffer.from('GIF89a\x40\0\x40\0\0\0\0'), Buffer.alloc(300)]),
      'more than 10 MB': Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(10_100_000), jpeg.subarray(-2)]),
    }),
    ...as('image/png')({
      'PNG cut short at the half': png.subarray(0, png.length / 2),
      'PNG without its end': png.subarray(0, -12),
      'PNG of a header': pngHeader(320, 240),
      'PNG of a header and an end': Buffer.concat([pngHeader(320, 240), png.subarray(-12)]),
      'PNG of 1x1': pngOf(1, 1),
      'PNG of 40000x16': pngOf(40_000, 16),
      'PNG bomb: 20000x20000 pixels in 400 kB': pngOf(16_000, 16_000),
      'PNG that says 2147483647x2147483647': patchedPng(png, 0x7fffffff, 0x7fffffff),
      'PNG that says 0x0': patchedPng(png, 0, 0),
      'PNG with a bit flipped in its pixels': patched(png, png.indexOf('IDAT') + 12, [
        png[png.indexOf('IDAT') + 12]! ^ 0xff,
      ]),
      'animated PNG': Buffer.concat([png.subarray(0, 33), chunk('acTL', Buffer.alloc(8)), png.subarray(33)]),
      'PNG signature before HTML': Buffer.concat([png.subarray(0, 8), Buffer.from('<html><script>alert(1)</script>')]),
      'PNG whose chunk claims 4 GB': patched(png, 33, [0xff, 0xff, 0xff, 0xff]),
    }),
    ...as('image/webp')({
      'WebP cut short': webp.subarray(0, webp.length / 2),
      'WebP of a header': webp.subarray(0, 12),
      'animated WebP': webpExtended(0x02, 320, 240),
      'WebP that says 16384x16384': webpExtended(0, 16_384, 16_384),
      'WebP that says 1x1': webpExtended(0, 1, 1),
      'a sound': Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt '), Buffer.alloc(300)]),
    }),
    ...as('image/bmp')({
      'BMP cut short': bmp.subarray(0, bmp.length / 2),
      'BMP of two letters': 'BM',
      'BMP that says 30000x30000': patched(patched(bmp, 18, le32(30_000)), 22, le32(30_000)),
      'BMP of -2147483648 rows': patched(bmp, 22, le32(0x80000000)),
      'BMP with run lengths': patched(bmp, 30, le32(1)),
    }),
    { name: 'gzip as the encoding', body: gzipSync(jpeg), type: 'image/jpeg', headers: { 'content-encoding': 'gzip' } },
    { name: 'a picture as text', body: jpeg, type: 'text/plain' },
    { name: 'a picture as JSON', body: jpeg, type: 'application/json' },
    { name: 'an SVG by its name', body: Buffer.from('<svg/>'), type: 'image/svg+xml' },
    form('a form without a picture', 'other', jpeg),
    { ...form('a form that is cut short', 'image', jpeg), body: form('', 'image', jpeg).body.subarray(0, 300) },
    { ...form('a form without a boundary', 'image', jpeg), type: 'multipart/form-data' },
    form('a form with text named .jpg', 'image', Buffer.from('not a picture')),
  ];
}

/** A form with one file. */
export function form(name: string, field: string, bytes: Buffer): HostileUpload {
  const head = `--mien\r\nContent-Disposition: form-data; name="${field}"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--mien--\r\n')]);
  return { name, body, type: 'multipart/form-data; boundary=mien' };
}

/** A JPEG with an EXIF orientation (CIPA DC-008, 4.6.5.1). */
export function turnedJpeg(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from('4949 2a00 08000000 0100 1201 0300 01000000 00000000 00000000'.replaceAll(' ', ''), 'hex');
  tiff.writeUInt16LE(orientation, 18);
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** A PNG of black pixels, whole and valid. */
function pngOf(width: number, height: number): Buffer {
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 9 });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function patchedPng(png: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(png);
  copy.writeUInt32BE(width, 16);
  copy.writeUInt32BE(height, 20);
  return copy;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** PNG, annex D; Node 20.19 has none of its own. */
export function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function webpExtended(flags: number, width: number, height: number): Buffer {
  const bytes = Buffer.alloc(60);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(52, 4);
  bytes.write('WEBPVP8X', 8);
  bytes.writeUInt32LE(10, 16);
  bytes[20] = flags;
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

/** Where the height stands in the start-of-frame segment. */
function jpegSizeAt(jpeg: Buffer): number {
  return jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5;
}

function patched(bytes: Buffer, at: number, values: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

function le32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

import { crc32 } from './hostile-pictures.ts';

/** A TIFF structure with nothing but an orientation. */
function tiffOf(orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a000000080001011200030000000100000000000000000000', 'hex');
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}

/** A PNG with an EXIF orientation, behind its header. */
export function turnedPng(png: Buffer, orientation: number): Buffer {
  const named = Buffer.concat([Buffer.from('eXIf'), tiffOf(orientation)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(named.length - 4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([png.subarray(0, 33), length, named, sum, png.subarray(33)]);
}

/** A plain WebP in the extended form, which can hold an EXIF orientation (RFC 9649, section 2.7). */
export function turnedWebp(
  webp: Buffer,
  orientation: number,
  { width, height }: { width: number; height: number },
): Buffer {
  const extended = Buffer.alloc(10);
  extended[0] = 0x08;
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', extended),
    webp.subarray(12),
    chunk('EXIF', tiffOf(orientation)),
  ]);
  return chunk('RIFF', body);
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

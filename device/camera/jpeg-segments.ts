/** Markers of a JPEG (ITU-T T.81, table B.1). */
export const huffmanTables = 0xc4;
export const startOfScan = 0xda;
const startOfImage = 0xffd8;
const endOfImage = Buffer.from([0xff, 0xd9]);

export function isJpeg(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt16BE(0) === startOfImage;
}

/** More than any program writes. Limits the time spent on a picture from an untrusted sender. */
const maxSegments = 5000;

/** The segments from the start of a JPEG to its first scan (ITU-T T.81, B.1.1). */
export function* jpegSegments(bytes: Buffer): Generator<{ marker: number; at: number; end: number }> {
  let at = 2;
  for (let count = 0; count < maxSegments && at + 9 < bytes.length && bytes[at] === 0xff; count++) {
    const marker = bytes[at + 1]!;
    // A run of 0xff before a marker is padding.
    const end = at + (marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2));
    if (marker !== 0xff) yield { marker, at, end };
    if (marker === startOfScan) return;
    at = end;
  }
}

/** Width and height from the start-of-frame segment. */
export function jpegSize(bytes: Buffer): { width: number; height: number } | undefined {
  for (const { marker, at } of jpegSegments(bytes)) {
    const isFrameStart = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrameStart) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  return undefined;
}

/**
 * End of the JPEG, in bytes from its start. Undefined for one that was cut short: libjpeg would fill the rest with grey
 * without an error.
 */
export function jpegEnd(bytes: Buffer): number | undefined {
  for (const { marker, at } of jpegSegments(bytes)) {
    if (marker !== startOfScan) continue;
    // Within a scan, 0xff is always followed by 0 or a restart marker. So the first end marker ends the image.
    const end = bytes.indexOf(endOfImage, at);
    return end < 0 ? undefined : end + endOfImage.length;
  }
  return undefined;
}

/** More than any program writes. Limits the time spent on a picture from an untrusted sender. */
const maxChunks = 5000;

export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** Offset of the next chunk; beyond the end of the bytes where this one is cut short. */
  readonly end: number;
}

export const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

/** The chunks of a PNG (specification, section 5.3); none for other formats. */
export function* pngChunks(bytes: Buffer): Generator<Chunk> {
  if (!bytes.subarray(0, 8).equals(pngSignature)) return;
  let at = pngSignature.length;
  for (let count = 0; at + 12 <= bytes.length && count < maxChunks; count++) {
    const end = at + 12 + bytes.readUInt32BE(at);
    yield { type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, end - 4), end };
    at = end;
  }
}

export function isWebp(bytes: Buffer): boolean {
  return bytes.length >= 12 && bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
}

/** The chunks of a WebP (RFC 9649, section 2.3); none for other formats. */
export function* webpChunks(bytes: Buffer): Generator<Chunk> {
  if (!isWebp(bytes)) return;
  let at = 12;
  for (let count = 0; at + 8 <= bytes.length && count < maxChunks; count++) {
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    yield { type: bytes.toString('latin1', at, at + 4), data: bytes.subarray(at + 8, at + 8 + length), end };
    at = end;
  }
}

/**
 * Facts that a recording's container states about it. OpenCV returns numbers for the same properties, but most are
 * estimates: its frame count is duration times rate, and its duration counts from 0 even where the recording starts
 * later.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ContainerFacts, FileBytes } from './container-facts.ts';
import { readMp4 } from './mp4.ts';

export function readContainer(path: string): ContainerFacts {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const read = (at: number, length: number) => {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
    };
    return factsOf({ size, read });
  } finally {
    closeSync(file);
  }
}

function factsOf(file: FileBytes): ContainerFacts {
  const start = file.read(0, 12);
  if (start.length < 12) return {};
  if (start.toString('latin1', 0, 4) === 'RIFF' && start.toString('latin1', 8, 12) === 'AVI ') return readAvi(file);
  if (start.readUInt32BE(0) === 0x1a45dfa3) return readMatroska(file);
  return ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'].includes(start.toString('latin1', 4, 8)) ? readMp4(file) : {};
}

/** Longest index that is searched, in bytes: ten hours at 30 frames a second. */
const maxIndexBytes = 16 * 1_100_000;

/**
 * RIFF chunks (Multimedia Programming Interface 1.0, 1991). A file of more than 1 GB has several RIFF chunks on the top
 * level.
 */
function readAvi(file: FileBytes): ContainerFacts {
  const firstEnd = 8 + file.read(4, 4).readUInt32LE();
  // A recorder that was killed before it wrote the size leaves 0 or a very small value there.
  const isCutShort = firstEnd > file.size;
  for (let at = 12; at + 8 <= Math.min(firstEnd, file.size); ) {
    const head = file.read(at, 8);
    const length = head.readUInt32LE(4);
    if (head.toString('latin1', 0, 4) === 'idx1') {
      return { isCutShort, hasGaps: namesEmptyPictures(file.read(at + 8, Math.min(length, maxIndexBytes))) };
    }
    at += 8 + length + (length % 2);
  }
  return { isCutShort };
}

/** Entries of 16 bytes: the chunk's id, flags, offset and length. */
function namesEmptyPictures(index: Buffer): boolean {
  for (let at = 0; at + 16 <= index.length; at += 16) {
    const isPicture = index[at + 2] === 0x64 && (index[at + 3] === 0x63 || index[at + 3] === 0x62);
    if (isPicture && index.readUInt32LE(at + 12) === 0) return true;
  }
  return false;
}

/** The EBML header, and the one segment behind it (RFC 9559, section 4.5). */
function readMatroska(file: FileBytes): ContainerFacts {
  const header = ebmlElement(file, 0);
  const segment = header && ebmlElement(file, header.end);
  return { isCutShort: segment !== undefined && segment.end > file.size };
}

/** Undefined where the size is unknown: a recorder that was killed leaves it so. */
function ebmlElement(file: FileBytes, at: number): { end: number } | undefined {
  const bytes = file.read(at, 12);
  if (bytes.length < 12) return undefined;
  const length = Math.clz32(bytes[4]!) - 23;
  if (length > 8) return undefined;
  const first = bytes[4]! & (0xff >> length);
  let size = first;
  let isUnknown = first === 0xff >> length;
  for (let offset = 1; offset < length; offset++) {
    isUnknown &&= bytes[4 + offset] === 0xff;
    size = size * 256 + bytes[4 + offset]!;
  }
  return isUnknown ? undefined : { end: at + 4 + length + size };
}

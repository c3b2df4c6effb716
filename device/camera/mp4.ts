/** The part of ISO/IEC 14496-12 (MP4, MOV, 3GP) that gives a recording's orientation and number of frames. */
import type { ContainerFacts, FileBytes } from './container-facts.ts';
import { compose, type Orientation, upright } from './orientation.ts';

/** Two hours of video have about 1 MB of tables. */
const maxTableBytes = 64_000_000;
/** Limit for boxes on the top level: a fragmented recording has thousands. */
const maxBoxes = 100_000;

interface Box {
  readonly type: string;
  /** Offsets of its content. */
  readonly from: number;
  readonly end: number;
}

export function readMp4(file: FileBytes): ContainerFacts {
  let moov: Buffer | undefined;
  let isCutShort = false;
  let at = 0;
  for (let count = 0; at + 8 <= file.size && count < maxBoxes; count++) {
    const box = boxOf(file.read(at, 16), at, file.size);
    if (!box) break;
    isCutShort = box.end > file.size;
    if (box.type === 'moov' && box.end - box.from <= maxTableBytes) moov = file.read(box.from, box.end - box.from);
    at = box.end;
  }
  return { isCutShort, ...(moov && factsOfMovie(moov)) };
}

function factsOfMovie(moov: Buffer): ContainerFacts {
  const boxes = [...boxesOf(moov)];
  const tracks = boxes.filter(({ type }) => type === 'trak').map(({ from, end }) => moov.subarray(from, end));
  const video = tracks.find((track) => find(track, 'mdia', 'hdlr')?.toString('latin1', 8, 12) === 'vide');
  if (!video) return {};
  const header = find(video, 'tkhd');
  const samples = find(video, 'mdia', 'minf', 'stbl', 'stsz');
  // The tables do not list frames in fragments, and still list frames that were trimmed away.
  const isCounted = !boxes.some(({ type }) => type === 'mvex') && !isTrimmed(moov, video);
  const frames = isCounted && samples && samples.length >= 12 ? samples.readUInt32BE(8) : 0;
  return { orientation: header && orientationOf(header), ...(frames > 0 && { frames }) };
}

/** Whether the track plays shorter than its frames last: then an edit list leaves some of them out. */
function isTrimmed(moov: Buffer, track: Buffer): boolean {
  const movie = timesOf(find(moov, 'mvhd'), 12);
  const media = timesOf(find(track, 'mdia', 'mdhd'), 12);
  const header = find(track, 'tkhd');
  if (!movie || !media || !header || header.length < 36) return false;
  const played = header[0] === 1 ? Number(header.readBigUInt64BE(28)) : header.readUInt32BE(20);
  return played / movie.scale < 0.95 * (media.duration / media.scale);
}

/** Time units per second, and the duration in them. @param at their offset in version 0 of the box */
function timesOf(box: Buffer | undefined, at: number): { scale: number; duration: number } | undefined {
  if (!box || box.length < (box[0] === 1 ? at + 20 : at + 8)) return undefined;
  if (box[0] !== 1) return { scale: box.readUInt32BE(at), duration: box.readUInt32BE(at + 4) };
  return { scale: box.readUInt32BE(at + 8), duration: Number(box.readBigUInt64BE(at + 12)) };
}

/** Orientation from the matrix, if it only rotates and mirrors: (x, y) is mapped to (ax + cy, bx + dy). */
function orientationOf(header: Buffer): Orientation {
  const at = header[0] === 1 ? 52 : 40;
  if (header.length < at + 36) return upright;
  const [a, b, c, d] = [0, 4, 12, 16].map((offset) => header.readInt32BE(at + offset)) as [
    number,
    number,
    number,
    number,
  ];
  const mirrored = a * d - b * c < 0;
  // The mirror is applied first: then the x axis points to the left before the rotation.
  const [x, y] = mirrored ? [-a, -b] : [a, b];
  const quarterTurns = Math.abs(x) >= Math.abs(y) ? (x >= 0 ? 0 : 2) : y > 0 ? 1 : 3;
  return compose({ mirrored, quarterTurns: 0 }, { mirrored: false, quarterTurns });
}

/** Content of the first box at this path. */
function find(bytes: Buffer, ...path: readonly string[]): Buffer | undefined {
  let content: Buffer | undefined = bytes;
  for (const wanted of path) {
    const within: Buffer | undefined = content;
    const box: Box | undefined = within && [...boxesOf(within)].find(({ type }) => type === wanted);
    content = box && within?.subarray(box.from, box.end);
  }
  return content;
}

function* boxesOf(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const box = boxOf(bytes.subarray(at, at + 16), at, bytes.length);
    if (!box) return;
    yield { ...box, end: Math.min(box.end, bytes.length) };
    at = box.end;
  }
}

/** Undefined for an invalid box. @param end of the enclosing content; a box of size 0 extends to it */
function boxOf(head: Buffer, at: number, end: number): Box | undefined {
  if (head.length < 8) return undefined;
  const type = head.toString('latin1', 4, 8);
  const size = head.readUInt32BE(0);
  if (size === 0) return { type, from: at + 8, end };
  if (size !== 1) return size < 8 ? undefined : { type, from: at + 8, end: at + size };
  const large = head.length < 16 ? 0 : Number(head.readBigUInt64BE(8));
  return large < 16 ? undefined : { type, from: at + 16, end: at + large };
}

import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

const magic = 'SQLite format 3\0';
const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/**
 * The pages of a database file that SQLite may refuse to open, each in its newest committed version (file format:
 * https://www.sqlite.org/fileformat2.html). Nothing is written, and every value on a page is checked before it is used.
 */
export class Pages {
  readonly #descriptor: number;
  readonly #wal: WalFrames | undefined;
  readonly size: number;
  readonly count: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.#wal = readWal(`${path}-wal`);
    this.size = this.#wal?.pageSize ?? pageSizeOf(this.#readAt(0, 100)) ?? this.#guessSize();
    const inFile = Math.ceil(statSync(path).size / this.size);
    this.count = Math.max(inFile, ...(this.#wal?.frames.keys() ?? []));
  }

  /** Pages are numbered from 1. Undefined for a page that does not exist or cannot be read. */
  read(number: number): Buffer | undefined {
    const frame = this.#wal?.frames.get(number);
    if (frame !== undefined) return this.#wal!.bytes.subarray(frame, frame + this.size);
    return this.#readAt((number - 1) * this.size, this.size);
  }

  /** Pages on the free list, as far as the list is intact. They have deleted rows at most. */
  free(): ReadonlySet<number> {
    const pages = new Set<number>();
    const first = this.read(1);
    if (first?.toString('latin1', 0, 16) !== magic) return pages;
    for (let trunk = first.readUInt32BE(32); trunk > 0 && trunk <= this.count && !pages.has(trunk); ) {
      pages.add(trunk);
      const page = this.read(trunk);
      if (!page) break;
      const leaves = Math.min(page.readUInt32BE(4), this.size / 4 - 2);
      for (let leaf = 0; leaf < leaves; leaf += 1) pages.add(page.readUInt32BE(8 + leaf * 4));
      trunk = page.readUInt32BE(0);
    }
    return pages;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Mien writes pages of 1 kB, and wrote pages of 4 kB. Larger pages have no page header at most multiples of 1 kB. */
  #guessSize(): number {
    const starts = Array.from({ length: 256 }, (_, page) => this.#readAt((page + 4) * 1024, 1024));
    const found = starts.filter((page) => page?.some((byte) => byte !== page[0]));
    const small = found.filter((page) => page && looksLikePage(page));
    return small.length > found.length / 2 ? 1024 : 4096;
  }

  /** Undefined for a page that is cut off or on a bad sector. */
  #readAt(offset: number, length: number): Buffer | undefined {
    const bytes = Buffer.alloc(length);
    try {
      return readSync(this.#descriptor, bytes, 0, length, offset) === length ? bytes : undefined;
    } catch {
      return undefined;
    }
  }
}

interface WalFrames {
  readonly bytes: Buffer;
  readonly pageSize: number;
  /** Offset of the newest committed version of each page. */
  readonly frames: ReadonlyMap<number, number>;
}

/**
 * Committed frames of a write-ahead log. Each checksum continues that of the frame before it, which is stored there. So frames
 * after a damaged part can be verified too: all but the first of them.
 */
function readWal(path: string): WalFrames | undefined {
  const bytes = statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : Buffer.alloc(0);
  if (bytes.length < walHeaderBytes || (bytes.readUInt32BE(0) & ~1) !== 0x377f0682) return undefined;
  const isBigEndian = (bytes.readUInt32BE(0) & 1) === 1;
  const pageSize = bytes.readUInt32BE(8);
  if (!isPageSize(pageSize)) return undefined;
  const frames = new Map<number, number>();
  const pending: (readonly [number, number])[] = [];
  let sum = checksum(bytes.subarray(0, 24), isBigEndian, [0, 0]);
  for (let at = walHeaderBytes; at + frameHeaderBytes + pageSize <= bytes.length; at += frameHeaderBytes + pageSize) {
    sum = checksum(bytes.subarray(at, at + 8), isBigEndian, sum);
    sum = checksum(bytes.subarray(at + frameHeaderBytes, at + frameHeaderBytes + pageSize), isBigEndian, sum);
    const written: [number, number] = [bytes.readUInt32BE(at + 16), bytes.readUInt32BE(at + 20)];
    const isIntact = sum[0] === written[0] && sum[1] === written[1];
    sum = written;
    // The salts must equal those of the header: frames of an earlier round have others.
    if (!isIntact || !bytes.subarray(at + 8, at + 16).equals(bytes.subarray(16, 24))) {
      pending.length = 0;
      continue;
    }
    pending.push([bytes.readUInt32BE(at), at + frameHeaderBytes]);
    const isCommit = bytes.readUInt32BE(at + 4) > 0;
    if (isCommit) for (const [page, offset] of pending.splice(0)) frames.set(page, offset);
  }
  return { bytes, pageSize, frames };
}

function checksum(bytes: Buffer, isBigEndian: boolean, [first, second]: readonly [number, number]): [number, number] {
  let [s0, s1] = [first, second];
  const word = (at: number) => (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    s0 = (s0 + word(at) + s1) >>> 0;
    s1 = (s1 + word(at + 4) + s0) >>> 0;
  }
  return [s0, s1];
}

/** Undefined where the header is lost. */
function pageSizeOf(header: Buffer | undefined): number | undefined {
  if (header?.toString('latin1', 0, 16) !== magic) return undefined;
  const size = header.readUInt16BE(16);
  if (size === 1) return 65_536;
  return isPageSize(size) ? size : undefined;
}

/** A node of a table or an index, whose header fits the page. */
function looksLikePage(page: Buffer): boolean {
  const cells = page.readUInt16BE(3);
  const content = page.readUInt16BE(5);
  return [2, 5, 10, 13].includes(page[0]!) && content <= page.length && cells * 2 + 8 <= content;
}

function isPageSize(size: number): boolean {
  return size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;
}

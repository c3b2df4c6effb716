/** Upper limit for one picture: 40 megapixels have about 20 MB. */
const maxPictureBytes = 25_000_000;
/** Bytes kept before a picture, which hold the headers of its part. */
const maxTextBytes = 2048;

const startOfImage = Buffer.from([0xff, 0xd8, 0xff]);
const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * Finds JPEGs in an HTTP body, whatever stands between them: finds the start of a picture, walks its segments, and cuts
 * at its end marker. Some cameras never send the end marker. Then the declared length, the boundary or the start of the
 * next picture ends it. Holds at most one picture.
 */
export class JpegScanner {
  readonly #boundary: Buffer | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  /** Offset at which the walk through the picture continues; undefined between two pictures. */
  #at: number | undefined;
  #isInScan = false;
  /** Length of the picture in bytes, from the headers of its part. */
  #length: number | undefined;

  /** @param boundary from the content type; cameras differ on whether the dashes belong to it */
  constructor(boundary?: string) {
    const name = boundary?.replace(/^-+/, '');
    this.#boundary = name ? Buffer.from(`\n--${name}`, 'latin1') : undefined;
  }

  /** The pictures that these bytes complete, in order. */
  add(bytes: Buffer): Buffer[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const pictures: Buffer[] = [];
    for (;;) {
      if (this.#at === undefined && !this.#findStart()) return pictures;
      const picture = this.#findEnd();
      if (picture === 'more') return pictures;
      if (picture) pictures.push(picture);
    }
  }

  /** The incomplete last picture, at the end of the data. Its decoder finds out whether it is usable. */
  rest(): Buffer | undefined {
    return this.#isInScan ? this.#bytes : undefined;
  }

  #findStart(): boolean {
    const start = this.#bytes.indexOf(startOfImage);
    if (start < 0) {
      this.#bytes = this.#bytes.subarray(Math.max(0, this.#bytes.length - maxTextBytes));
      return false;
    }
    const text = this.#bytes.toString('latin1', Math.max(0, start - maxTextBytes), start);
    this.#length = lengthIn(text);
    this.#bytes = this.#bytes.subarray(start);
    this.#at = 2;
    this.#isInScan = false;
    return true;
  }

  /** `more`: more bytes are needed; undefined where this is not a picture. */
  #findEnd(): Buffer | 'more' | undefined {
    const limit = this.#frameEnd();
    while (this.#at! + 1 < (limit ?? this.#bytes.length)) {
      const step = this.#isInScan ? this.#walkScan() : this.#walkSegment();
      if (step === 'end') return this.#take(this.#at!, true);
      if (step === 'next picture') return this.#take(this.#at!, false);
      if (step === 'none') return this.#giveUp();
      if (step === 'more') break;
    }
    if (limit !== undefined && this.#at! + 1 >= limit)
      return this.#isInScan ? this.#take(limit, false) : this.#giveUp();
    return this.#bytes.length > maxPictureBytes ? this.#giveUp() : 'more';
  }

  /** Offset at which the part's framing ends the picture; undefined where that has not arrived yet. */
  #frameEnd(): number | undefined {
    // The boundary may have been received in part before.
    const from = Math.max(2, this.#at! - (this.#boundary?.length ?? 0));
    const boundary = this.#boundary && this.#isInScan ? this.#bytes.indexOf(this.#boundary, from) : -1;
    const ends = boundary < 0 ? [] : [this.#bytes[boundary - 1] === 0x0d ? boundary - 1 : boundary];
    if (this.#length !== undefined && this.#bytes.length >= this.#length) {
      // A correct length ends before a line end.
      if (/^(?:$|\r|\n|--)/.test(this.#bytes.toString('latin1', this.#length, this.#length + 2)))
        ends.push(this.#length);
    }
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** Skips one header segment, also between two scans (ITU-T T.81, B.1.1). */
  #walkSegment(): 'on' | 'end' | 'none' | 'more' {
    const at = this.#at!;
    if (this.#bytes[at] !== 0xff) return 'none';
    const marker = this.#bytes[at + 1]!;
    if (marker === 0xff) this.#at = at + 1;
    else if (marker === 0xd9) {
      this.#at = at + 2;
      return 'end';
    } else {
      if (at + 4 > this.#bytes.length) return 'more';
      this.#at = at + 2 + this.#bytes.readUInt16BE(at + 2);
      this.#isInScan = marker === 0xda;
    }
    return 'on';
  }

  /** Skips to the next marker that does not belong to the scan. */
  #walkScan(): 'on' | 'end' | 'next picture' | 'more' {
    const at = this.#bytes.indexOf(0xff, this.#at!);
    const marker = at < 0 ? undefined : this.#bytes[at + 1];
    if (marker === undefined) {
      this.#at = at < 0 ? this.#bytes.length : at;
      return 'more';
    }
    this.#at = at;
    if (marker === 0xd8) return 'next picture';
    if (marker === 0xd9) {
      this.#at = at + 2;
      return 'end';
    }
    if (marker === 0xff) this.#at = at + 1;
    else if (marker === 0 || (marker >= 0xd0 && marker <= 0xd7)) this.#at = at + 2;
    else this.#isInScan = false;
    return 'on';
  }

  #take(end: number, hasEnd: boolean): Buffer {
    const picture = this.#bytes.subarray(0, end);
    this.#drop(end);
    return hasEnd ? picture : Buffer.concat([picture, endOfImage]);
  }

  #giveUp(): undefined {
    this.#drop(this.#bytes.length > maxPictureBytes ? this.#bytes.length : 2);
  }

  #drop(end: number): void {
    this.#bytes = this.#bytes.subarray(end);
    this.#at = undefined;
    this.#isInScan = false;
  }
}

/** Content-Length of the headers directly before the picture. */
function lengthIn(text: string): number | undefined {
  const headers = /\n\r?\n$/.test(text) ? text.slice(text.lastIndexOf('--')) : '';
  const length = Number(/content-length:\s*(\d{2,9})\s/i.exec(headers)?.[1]);
  return length > 0 ? length : undefined;
}

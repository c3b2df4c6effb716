import type { IncomingMessage } from 'node:http';
import { wait } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { maskAddress } from '../core/mask.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { pictureOrientation } from './exif.ts';
import { type Camera, checkAddressRemedy, getFromCamera, noVideo } from './http-request.ts';
import { jpegOpener, nextIntact } from './jpeg-reader.ts';
import { JpegScanner } from './jpeg-scanner.ts';
import { jpegSize } from './jpeg-segments.ts';
import { compose, orientationOf, sizeAfter } from './orientation.ts';
import { defaultStallMs, type FrameSource, type SourceOptions } from './source.ts';

/** Highest rate of single-picture requests, so that they do not overload the camera. */
const maxSnapshotFps = 5;

/**
 * Opens an address that delivers JPEGs over HTTP, as a stream or one per request. Undefined where the content is
 * something else, which FFmpeg may be able to read.
 *
 * @throws MienError (unavailable) with the reason why no picture comes
 */
export async function openHttpPictures(
  address: string,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<FrameSource | undefined> {
  const url = new URL(address);
  const maskedUrl = maskAddress(address);
  const { stallMs = defaultStallMs, fps, targetWidth = (width) => width } = options;
  const answer = await getFromCamera({ url, maskedUrl, stallMs }, signal);
  const kind = contentKind(answer, url);
  if (kind === 'page') throw notAStream(answer, maskedUrl);
  if (kind === 'other') {
    answer.destroy();
    return undefined;
  }
  const feed = new PictureFeed({ url, maskedUrl, stallMs, fps });
  feed.consume(answer);
  const openedAt = performance.now();
  const first = await feed.next(signal).catch((error: unknown) => {
    feed.close();
    throw error;
  });
  if (first === 'other') {
    feed.close();
    return undefined;
  }
  if (!first) throw noVideo(maskedUrl, 'no picture was in its answer', checkAddressRemedy);
  const mounting = orientationOf(options);
  const orientation = compose(pictureOrientation(first.jpeg), mounting);
  const stored = jpegSize(first.jpeg) ?? { width: options.width, height: options.height };
  let pending: FedPicture | undefined = first;
  const next = async (stop: AbortSignal) => {
    const fed = pending ?? (await feed.next(stop));
    pending = undefined;
    if (!fed || fed === 'other') return undefined;
    return { index: fed.index, mat: asRow(fed.jpeg), t: (performance.now() - openedAt) / 1000 };
  };
  return {
    info: {
      description: `stream ${maskedUrl}`,
      ...sizeAfter(orientation, stored),
      fps: feed.isPolled ? Math.min(fps, maxSnapshotFps) : fps,
      live: true,
    },
    read: (stop, readOptions) => nextIntact(() => next(stop), jpegOpener(targetWidth, mounting), readOptions),
    close: () => feed.close(),
  };
}

/** One row of bytes, the form in which captures deliver Motion JPEG. */
function asRow(jpeg: Buffer): Mat {
  return new cv.Mat(jpeg, 1, jpeg.length, cv.CV_8UC1);
}

/** Decided by content type and path; `unknown` where neither is conclusive and the bytes must be read. */
function contentKind({ headers }: IncomingMessage, { pathname }: URL): 'pictures' | 'page' | 'other' | 'unknown' {
  const type = headers['content-type']?.toLowerCase() ?? '';
  if (/^multipart\/|^image\/(?:jpe?g|pjpeg)|jpeg/.test(type)) return 'pictures';
  if (/\.(?:m3u8?|mpd|ts|mp4|flv|mkv|webm)$/i.test(pathname) || /mpegurl|dash\+xml|^video\/|^audio\//.test(type))
    return 'other';
  return /^text\/|^image\/|json|xml/.test(type) ? 'page' : 'unknown';
}

function notAStream(answer: IncomingMessage, maskedUrl: string): MienError {
  answer.destroy();
  const type = answer.headers['content-type']?.split(';')[0] ?? '';
  const what = /html/.test(type) ? 'a web page' : 'something else than pictures';
  const remedy = "Look up the address of its stream or snapshot in the camera's manual; a page may also ask to log in";
  return noVideo(maskedUrl, `it answers with ${what}, ${type.slice(0, 60)}`, remedy);
}

interface FedPicture {
  readonly jpeg: Buffer;
  /** Counts all pictures that arrived, including dropped ones. */
  readonly index: number;
}

interface FeedOptions extends Camera {
  readonly fps: number;
}

/** Bytes without a picture after which the answer counts as something else. */
const maxBytesBeforePicture = 65_536;

/** Keeps the newest picture of an address; pictures that were not read in time are dropped. */
class PictureFeed {
  readonly #options: FeedOptions;
  readonly #closed = new AbortController();
  #answer: IncomingMessage | undefined;
  #isStream = false;
  #newest: FedPicture | undefined;
  #count = 0;
  #requestedAt = performance.now();
  #receivedBytes = 0;
  #hasEnded = false;
  #notifyChange: () => void = () => {};

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Whether each picture needs its own request. */
  get isPolled(): boolean {
    return !this.#isStream;
  }

  consume(answer: IncomingMessage): void {
    const type = answer.headers['content-type'] ?? '';
    const scanner = new JpegScanner(/boundary\s*=\s*"?([^";,\s]+)/i.exec(type)?.[1]);
    this.#isStream ||= /^multipart\//i.test(type);
    this.#answer = answer;
    this.#hasEnded = false;
    let inAnswer = 0;
    answer.on('data', (bytes: Buffer) => {
      const pictures = scanner.add(bytes);
      inAnswer += pictures.length;
      // A stream, whatever its content type says.
      this.#isStream ||= inAnswer > 1;
      this.#receivedBytes += bytes.length;
      for (const jpeg of pictures) this.#add(jpeg);
    });
    answer.once('close', () => {
      const rest = this.#isStream ? undefined : scanner.rest();
      if (rest) this.#add(rest);
      this.#hasEnded = true;
      this.#notifyChange();
    });
  }

  /**
   * Resolves with the next new picture. Undefined at the end of a stream and when the signal aborts; `other` when so
   * many bytes came without a picture that none is expected.
   *
   * @throws MienError (unavailable) when no picture comes within `stallMs`
   */
  async next(signal: AbortSignal): Promise<FedPicture | 'other' | undefined> {
    const { maskedUrl, stallMs } = this.#options;
    const given = AbortSignal.any([signal, this.#closed.signal]);
    const deadline = performance.now() + stallMs;
    while (!given.aborted) {
      const fed = this.#newest;
      this.#newest = undefined;
      if (fed) return fed;
      if (this.#count === 0 && this.#receivedBytes > maxBytesBeforePicture && !this.#isStream) return 'other';
      if (this.#hasEnded && (this.#isStream || this.#count === 0)) return undefined;
      if (this.#hasEnded) await this.#requestNext(given);
      else await this.#waitForChange(deadline - performance.now(), given);
      if (!this.#newest && !this.#hasEnded && performance.now() >= deadline && !given.aborted) {
        throw new MienError(`No picture from ${maskedUrl} for ${stallMs / 1000} s`, {
          code: exitCode.unavailable,
          remedy: 'Check the camera and its network; one that is this slow needs a higher camera.stallMs',
        });
      }
    }
    return undefined;
  }

  close(): void {
    this.#closed.abort();
    this.#answer?.destroy();
  }

  #add(jpeg: Buffer): void {
    this.#newest = { jpeg, index: this.#count };
    this.#count += 1;
    this.#notifyChange();
  }

  /** Requests the next picture, when it is due, from an address that delivers one per request. */
  async #requestNext(signal: AbortSignal): Promise<void> {
    const { fps } = this.#options;
    await wait(Math.max(0, this.#requestedAt + 1000 / Math.min(fps, maxSnapshotFps) - performance.now()), signal);
    if (signal.aborted) return;
    this.#requestedAt = performance.now();
    this.consume(await getFromCamera(this.#options, signal));
  }

  async #waitForChange(ms: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    this.#notifyChange = () => changed.abort();
    await wait(Math.max(0, ms), AbortSignal.any([signal, changed.signal]));
    this.#notifyChange = () => {};
  }
}

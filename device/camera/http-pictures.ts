import type { IncomingMessage } from 'node:http';
import { wait } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { maskAddress } from '../core/mask.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { pictureOrientation } from './exif.ts';
import { type Camera, checkAddress, getFromCamera, noVideo } from './http-request.ts';
import { jpegOpener, nextWhole } from './jpeg-reader.ts';
import { JpegScanner } from './jpeg-scanner.ts';
import { jpegSize } from './jpeg-segments.ts';
import { compose, orientationOf, sizeAfter } from './orientation.ts';
import { type FrameSource, type SourceOptions, usualStallMs } from './source.ts';

/** A camera that is asked for each picture has something else to do as well. */
const maxSnapshotFps = 5;

/**
 * Opens an address that gives JPEGs over HTTP, one after the other or one a request. Undefined where something else comes, which
 * FFmpeg may know.
 *
 * @throws MienError (unavailable) with the reason why no picture comes
 */
export async function openHttpPictures(
  address: string,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<FrameSource | undefined> {
  const url = new URL(address);
  const shown = maskAddress(address);
  const { stallMs = usualStallMs, fps, enoughWidth = (width) => width } = options;
  const answer = await getFromCamera({ url, shown, stallMs }, signal);
  const kind = kindOf(answer, url);
  if (kind === 'page') throw isPage(answer, shown);
  if (kind === 'other') {
    answer.destroy();
    return undefined;
  }
  const feed = new PictureFeed({ url, shown, stallMs, fps });
  feed.take(answer);
  const openedAt = performance.now();
  const first = await feed.next(signal).catch((error: unknown) => {
    feed.close();
    throw error;
  });
  if (first === 'other') {
    feed.close();
    return undefined;
  }
  if (!first) throw noVideo(shown, 'no picture was in its answer', checkAddress);
  const mounting = orientationOf(options);
  const orientation = compose(pictureOrientation(first.jpeg), mounting);
  const stored = jpegSize(first.jpeg) ?? { width: options.width, height: options.height };
  let pending: Fed | undefined = first;
  const next = async (stop: AbortSignal) => {
    const fed = pending ?? (await feed.next(stop));
    pending = undefined;
    if (!fed || fed === 'other') return undefined;
    return { index: fed.index, mat: asRow(fed.jpeg), t: (performance.now() - openedAt) / 1000 };
  };
  return {
    info: {
      description: `stream ${shown}`,
      ...sizeAfter(orientation, stored),
      fps: feed.isPolled ? Math.min(fps, maxSnapshotFps) : fps,
      live: true,
    },
    read: (stop, wish) => nextWhole(() => next(stop), jpegOpener(enoughWidth, mounting), wish),
    close: () => feed.close(),
  };
}

/** As captures give Motion JPEG. */
function asRow(jpeg: Buffer): Mat {
  return new cv.Mat(jpeg, 1, jpeg.length, cv.CV_8UC1);
}

/** By its type and name; of what says neither, its bytes will tell. */
function kindOf({ headers }: IncomingMessage, { pathname }: URL): 'pictures' | 'page' | 'other' | 'unknown' {
  const type = headers['content-type']?.toLowerCase() ?? '';
  if (/^multipart\/|^image\/(?:jpe?g|pjpeg)|jpeg/.test(type)) return 'pictures';
  if (/\.(?:m3u8?|mpd|ts|mp4|flv|mkv|webm)$/i.test(pathname) || /mpegurl|dash\+xml|^video\/|^audio\//.test(type))
    return 'other';
  return /^text\/|^image\/|json|xml/.test(type) ? 'page' : 'unknown';
}

function isPage(answer: IncomingMessage, shown: string): MienError {
  answer.destroy();
  const type = answer.headers['content-type']?.split(';')[0] ?? '';
  const what = /html/.test(type) ? 'a web page' : 'something else than pictures';
  const remedy = "Look up the address of its stream or snapshot in the camera's manual; a page may also ask to log in";
  return noVideo(shown, `it answers with ${what}, ${type.slice(0, 60)}`, remedy);
}

interface Fed {
  readonly jpeg: Buffer;
  /** Counts what came, also what nobody took. */
  readonly index: number;
}

interface FeedOptions extends Camera {
  readonly fps: number;
}

/** So much of something that is no picture is enough to tell. */
const enoughToTell = 65_536;

/** The newest picture of an address; those that nobody took in time are dropped. */
class PictureFeed {
  readonly #options: FeedOptions;
  readonly #closed = new AbortController();
  #answer: IncomingMessage | undefined;
  #isStream = false;
  #newest: Fed | undefined;
  #count = 0;
  #askedAt = performance.now();
  #othersBytes = 0;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Whether each picture is an answer of its own. */
  get isPolled(): boolean {
    return !this.#isStream;
  }

  take(answer: IncomingMessage): void {
    const type = answer.headers['content-type'] ?? '';
    const scanner = new JpegScanner(/boundary\s*=\s*"?([^";,\s]+)/i.exec(type)?.[1]);
    this.#isStream ||= /^multipart\//i.test(type);
    this.#answer = answer;
    this.#hasEnded = false;
    let inAnswer = 0;
    answer.on('data', (bytes: Buffer) => {
      const pictures = scanner.add(bytes);
      inAnswer += pictures.length;
      // Whatever it is called.
      this.#isStream ||= inAnswer > 1;
      this.#othersBytes += bytes.length;
      for (const jpeg of pictures) this.#add(jpeg);
    });
    answer.once('close', () => {
      const rest = this.#isStream ? undefined : scanner.rest();
      if (rest) this.#add(rest);
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /**
   * The newest picture as soon as there is one that was not given before; undefined at the end of a stream, and when the signal
   * aborts; `other` where so much came without a picture that none will.
   *
   * @throws MienError (unavailable) when none comes within `stallMs`
   */
  async next(signal: AbortSignal): Promise<Fed | 'other' | undefined> {
    const { shown, stallMs } = this.#options;
    const given = AbortSignal.any([signal, this.#closed.signal]);
    const deadline = performance.now() + stallMs;
    while (!given.aborted) {
      const fed = this.#newest;
      this.#newest = undefined;
      if (fed) return fed;
      if (this.#count === 0 && this.#othersBytes > enoughToTell && !this.#isStream) return 'other';
      if (this.#hasEnded && (this.#isStream || this.#count === 0)) return undefined;
      if (this.#hasEnded) await this.#askAgain(given);
      else await this.#change(deadline - performance.now(), given);
      if (!this.#newest && !this.#hasEnded && performance.now() >= deadline && !given.aborted) {
        throw new MienError(`No picture from ${shown} for ${stallMs / 1000} s`, {
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
    this.#wake();
  }

  /** The next picture of an address that gives one a request, when it is due. */
  async #askAgain(signal: AbortSignal): Promise<void> {
    const { fps } = this.#options;
    await wait(Math.max(0, this.#askedAt + 1000 / Math.min(fps, maxSnapshotFps) - performance.now()), signal);
    if (signal.aborted) return;
    this.#askedAt = performance.now();
    this.take(await getFromCamera(this.#options, signal));
  }

  async #change(ms: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    this.#wake = () => changed.abort();
    await wait(Math.max(0, ms), AbortSignal.any([signal, changed.signal]));
    this.#wake = () => {};
  }
}

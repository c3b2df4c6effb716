import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { openSource } from '../camera/open.ts';
import type { Frame, FrameSource } from '../camera/source.ts';
import { addressPattern } from '../camera/source-spec.ts';
import { Backoff } from '../core/backoff.ts';
import { type Clock, systemClock, wait } from '../core/clock.ts';
import type { CameraCode } from '../core/codes.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { happyShareOf, labelCounts } from '../core/labels.ts';
import { RateLimit } from '../core/rate-limit.ts';
import { roundedReading } from '../core/rounded-reading.ts';
import type { Reading } from '../core/types.ts';
import { annotatedJpeg, plainJpeg } from './jpeg.ts';
import type { FromVision, VisionSettings } from './messages.ts';
import type { Pipeline } from './pipeline.ts';
import type { Playback } from './playback.ts';
import { ReadAhead } from './read-ahead.ts';
import type { StageTimes } from './stage-times.ts';
import { FrameStats } from './stats.ts';

/** A source that delivered for this long was really there: the next loss starts the backoff anew. */
const healthyMs = 10_000;

export interface LoopDeps {
  readonly playback: Playback;
  /** Another one where settings were changed. */
  readonly pipeline: Pipeline;
  readonly times: StageTimes;
  /** Resolves when the message has left this process. */
  readonly send: (message: FromVision) => Promise<void>;
  readonly watched: { plain: boolean; annotated: boolean };
  /** Frames a second that are looked at, at most, beside `camera.fps`; may change at any time. */
  readonly limit: { fps: number };
  /** Measures whether it is worth it to read ahead. */
  readonly clock?: Pick<Clock, 'mono'>;
}

/** Opens the source, processes its frames, and opens it again when it is lost, until the signal aborts. */
export async function runVisionLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  await new VisionLoop(deps).run(signal);
}

class VisionLoop {
  readonly #deps: LoopDeps;
  readonly #stats = new FrameStats();
  readonly #live: LiveEncoder;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#live = new LiveEncoder(deps);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { send, times, playback } = this.#deps;
    const report = () => {
      const { description: detector } = this.#deps.pipeline.detector;
      void send({ type: 'stats', ...this.#stats.snapshot(performance.now()), detector, stages: times.snapshot() });
    };
    // Also the sign of life where nothing else is said: several within the time after which this process counts as hung.
    const ticker = setInterval(report, Math.min(1000, playback.settings.camera.stallMs / 3));
    try {
      await this.#keepPlaying(signal);
    } finally {
      clearInterval(ticker);
    }
  }

  async #keepPlaying(signal: AbortSignal): Promise<void> {
    const { send, playback } = this.#deps;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const sourceSignal = AbortSignal.any([signal, playback.sourceSignal]);
      if (playback.paused) {
        await send({ type: 'paused' });
        await aborted(sourceSignal);
        continue;
      }
      const openedAt = performance.now();
      const end = await this.#playSource(sourceSignal);
      if (sourceSignal.aborted) continue;
      if (end === 'ended') {
        await send({ type: 'ended' });
        await aborted(sourceSignal);
        continue;
      }
      await send({ type: 'lost', ...end });
      if (performance.now() - openedAt > healthyMs) backoff.reset();
      await wait(backoff.next(), sourceSignal);
    }
  }

  async #playSource(signal: AbortSignal): Promise<SourceEnd> {
    const { send, playback } = this.#deps;
    const { settings } = playback;
    let source: FrameSource | undefined;
    try {
      await send({ type: 'opening' });
      // Asked of each picture: the setting may change while the source is open.
      const targetWidth = (width: number) => this.#deps.pipeline.detector.detectionWidth(width);
      const options = { ...settings.camera, targetWidth, onSkip: logSkipped };
      source = await openSource(settings.camera.source, options, signal);
      const { description, width, height, fps } = source.info;
      await send({ type: 'online', description, width, height, fps: Math.min(fps, maxFps(settings)) });
      this.#live.reset();
      return await this.#playFrames(source, signal);
    } catch (error) {
      // What went wrong after the picture was there is no fault of the source: this process ends and is started anew.
      if (error instanceof PipelineFault) throw error.cause;
      return { reason: describeError(error), code: codeOf(error, settings.camera.source) };
    } finally {
      source?.close();
    }
  }

  async #playFrames(source: FrameSource, signal: AbortSignal): Promise<SourceEnd> {
    const { settings } = this.#deps.playback;
    const pace = new RateLimit(maxFps(settings));
    const reader = new ReadAhead(
      (isPrefetch) => this.#read(source, { pace, signal, isPrefetch }),
      this.#deps.clock ?? systemClock,
    );
    // A recording at full pace always has a next frame; that of a camera is the newer the later it is asked for.
    const canReadAhead = settings.camera.pace === 'max' && !source.info.live && source.info.decodesOffThread;
    let lastIndex = -1;
    try {
      while (!signal.aborted) {
        const requestedAt = performance.now();
        const read = await reader.next();
        if (!read)
          return source.info.live
            ? { reason: 'The camera delivers no more pictures. Check its plug and cable', code: 'camera-missing' }
            : 'ended';
        this.#deps.times.add('read', performance.now() - requestedAt);
        if (canReadAhead) reader.beginWork();
        const { frame, skipped } = read;
        await this.#process(frame);
        const dropped = frame.index - lastIndex - 1 - skipped;
        const doneAt = performance.now();
        reader.endWork();
        this.#stats.add(doneAt, dropped, doneAt - frame.mono);
        lastIndex = frame.index;
        frame.mat.release();
        // Native calls hold the thread; this lets messages from the daemon in between two frames.
        await yieldToEventLoop();
      }
    } finally {
      (await reader.drain())?.frame.mat.release();
    }
    return 'ended';
  }

  /** The next frame that is wanted; undefined when there are no more. */
  async #read(source: FrameSource, { pace, signal, isPrefetch }: ReadRequest): Promise<ReadFrame | undefined> {
    let skipped = 0;
    const isWanted = () => {
      if (signal.aborted || this.#isWanted(pace)) return true;
      skipped += 1;
      return false;
    };
    const frame = await source.read(signal, { isThumbnail: this.#deps.pipeline.isIdle, isPrefetch, isWanted });
    return frame && { frame, skipped };
  }

  /** Whether the frame that has just come is to be looked at, which counts as done. */
  #isWanted(pace: RateLimit): boolean {
    const { pipeline, limit, watched } = this.#deps;
    const now = performance.now();
    if (!pace.admits(now, limit.fps)) return false;
    const isWatched = watched.plain || watched.annotated;
    return isWatched || !pipeline.skipsFrame(now);
  }

  async #process(frame: Frame): Promise<void> {
    const { mono } = frame;
    const ts = Math.round(Date.now() - (performance.now() - mono));
    const faces = await this.#deps.pipeline.process(frame.mat, mono, frame.jpeg).catch((cause: unknown) => {
      throw new PipelineFault('processing a frame failed', { cause });
    });
    const scale = frame.jpeg?.scale ?? 1;
    const [width, height] = [frame.mat.cols * scale, frame.mat.rows * scale];
    const happyShare = happyShareOf(labelCounts(faces));
    const reading = { frame: frame.index, t: frame.t, ts, mono, width, height, faces, happyShare };
    this.#live.send(roundedReading(reading), frame);
  }
}

/** The daemon logs what this process writes to stderr. */
function logSkipped(fault: MienError): void {
  process.stderr.write(`Skipped: ${describeError(fault)}\n`);
}

/** Frames a second that are looked at, at most. */
function maxFps({ camera }: VisionSettings): number {
  return camera.pace === 'max' ? Number.POSITIVE_INFINITY : camera.fps;
}

class PipelineFault extends Error {}

interface ReadRequest {
  readonly pace: RateLimit;
  readonly signal: AbortSignal;
  readonly isPrefetch: boolean;
}

interface ReadFrame {
  readonly frame: Frame;
  /** How many came before it and were not wanted. */
  readonly skipped: number;
}

/** A recording that was played once, or why a source was lost. */
type SourceEnd = 'ended' | { readonly reason: string; readonly code: CameraCode };

function codeOf(error: unknown, source: string): CameraCode {
  if (!(error instanceof MienError) || error.code === exitCode.badData) return 'camera-unreadable';
  // No other program holds a camera in the network.
  if (addressPattern.test(source)) return 'camera-missing';
  return error.code === exitCode.unavailable ? 'camera-busy' : 'camera-missing';
}

/** Readings a second that say that nobody is there, while nothing moves and nobody watches. */
const maxEmptyFps = 2;

/** Sends each reading that is news, with its picture where somebody watches and the one before has left. */
class LiveEncoder {
  readonly #deps: LoopDeps;
  readonly #emptyPace = new RateLimit(maxEmptyFps);
  #pace = new RateLimit(Number.POSITIVE_INFINITY);
  #isPictureInFlight = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
  }

  /** A source was opened: its first picture is due at once, for the second may be ten seconds away. */
  reset(): void {
    this.#pace = new RateLimit(Number.POSITIVE_INFINITY);
  }

  send(reading: Reading, frame: Frame): void {
    const { send, watched, playback, times, pipeline } = this.#deps;
    const { jpegQuality: quality, streamFps } = playback.settings;
    const isWatched = watched.plain || watched.annotated;
    const isEmpty = pipeline.isIdle && reading.faces.length === 0;
    if (!isWatched && isEmpty && !this.#emptyPace.admits(reading.mono)) return;
    if (!isWatched || this.#isPictureInFlight || !this.#pace.admits(reading.mono, streamFps)) {
      void send({ type: 'reading', reading });
      return;
    }
    const since = performance.now();
    const plain = watched.plain ? plainJpeg(frame, quality) : undefined;
    const annotated = watched.annotated ? annotatedJpeg(frame, reading.faces, quality) : undefined;
    times.add('encode', performance.now() - since);
    this.#isPictureInFlight = true;
    void send({ type: 'reading', reading, plain, annotated }).then(() => {
      this.#isPictureInFlight = false;
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

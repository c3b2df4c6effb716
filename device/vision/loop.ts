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

/** Uptime after which a source counts as healthy and the reopening backoff resets, in ms. */
const healthyMs = 10_000;

export interface LoopDeps {
  readonly playback: Playback;
  /** Replaced when settings change. */
  readonly pipeline: Pipeline;
  readonly times: StageTimes;
  /** Resolves when the message has left this process. */
  readonly send: (message: FromVision) => Promise<void>;
  readonly watched: { plain: boolean; annotated: boolean };
  /** Maximum processed frames per second, in addition to `camera.fps`; may change at any time. */
  readonly limit: { fps: number };
  /** Measures all durations, and dates the readings. */
  readonly clock?: Clock;
  /** Measures whether reading ahead pays off; default: `clock`. */
  readonly readAheadClock?: Pick<Clock, 'mono'>;
}

/** Opens the source, processes its frames, and reopens it when it is lost, until the signal aborts. */
export async function runVisionLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  await new VisionLoop(deps).run(signal);
}

class VisionLoop {
  readonly #deps: LoopDeps;
  readonly #clock: Clock;
  readonly #stats = new FrameStats();
  readonly #live: LiveEncoder;
  /** The pipeline that has processed a frame since the source was opened. */
  #measured: Pipeline | undefined;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#live = new LiveEncoder(deps);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { send, times, playback } = this.#deps;
    const report = () => {
      const { description: detector } = this.#deps.pipeline.detector;
      const totals = { ...this.#stats.totals, stages: times.counts };
      const now = this.#stats.snapshot(this.#clock.mono());
      void send({ type: 'stats', ...now, detector, stages: times.snapshot(), totals });
    };
    // The statistics are also the sign of life: several within the time after which the supervisor considers this
    // process hung.
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
      const openedAt = this.#clock.mono();
      const end = await this.#playSource(sourceSignal);
      if (sourceSignal.aborted) continue;
      if (end === 'ended') {
        await send({ type: 'ended' });
        await aborted(sourceSignal);
        continue;
      }
      await send({ type: 'lost', ...end });
      if (this.#clock.mono() - openedAt > healthyMs) backoff.reset();
      await wait(backoff.next(), sourceSignal);
    }
  }

  async #playSource(signal: AbortSignal): Promise<SourceEnd> {
    const { send, playback } = this.#deps;
    const { settings } = playback;
    let source: FrameSource | undefined;
    try {
      await send({ type: 'opening' });
      // Evaluated per picture: the setting may change while the source is open.
      const targetWidth = (width: number) => this.#deps.pipeline.detector.detectionWidth(width);
      const options = { ...settings.camera, targetWidth, onSkip: logSkipped, clock: this.#clock };
      source = await openSource(settings.camera.source, options, signal);
      const { description, width, height, fps } = source.info;
      await send({ type: 'online', description, width, height, fps: Math.min(fps, maxFps(settings)) });
      this.#live.reset();
      this.#measured = undefined;
      return await this.#playFrames(source, signal);
    } catch (error) {
      // A fault after the picture arrived is not the source's: this process ends and is restarted.
      if (error instanceof PipelineFault) throw error.cause;
      return { reason: describeError(error), code: codeOf(error, settings.camera.source) };
    } finally {
      source?.close();
    }
  }

  async #playFrames(source: FrameSource, signal: AbortSignal): Promise<SourceEnd> {
    const { settings } = this.#deps.playback;
    const pace = new RateLimit(maxFps(settings));
    const { readAheadClock = this.#clock } = this.#deps;
    const reader = new ReadAhead((isPrefetch) => this.#read(source, { pace, signal, isPrefetch }), readAheadClock);
    // A recording at full pace always has a next frame. A camera's frame would be older if it were read early.
    const canReadAhead = settings.camera.pace === 'max' && !source.info.live && source.info.decodesOffThread;
    let lastIndex = -1;
    try {
      while (!signal.aborted) {
        const requestedAt = this.#clock.mono();
        const read = await reader.next();
        if (!read)
          return source.info.live
            ? { reason: 'The camera delivers no more pictures. Check its plug and cable', code: 'camera-missing' }
            : 'ended';
        this.#deps.times.add('read', this.#clock.mono() - requestedAt);
        if (canReadAhead) reader.beginWork();
        const { frame, skipped } = read;
        await this.#processOrMeasure(frame);
        const dropped = frame.index - lastIndex - 1 - skipped;
        const doneAt = this.#clock.mono();
        reader.endWork();
        this.#stats.add({ at: doneAt, latencyMs: doneAt - frame.mono, dropped, skipped });
        lastIndex = frame.index;
        frame.mat.release();
        // Native calls block the thread; this lets messages from the daemon in between two frames.
        await yieldToEventLoop();
      }
    } finally {
      (await reader.drain())?.frame.mat.release();
    }
    return 'ended';
  }

  /** The next wanted frame; undefined when there are no more. */
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

  /** Whether the frame that has just arrived is to be processed; the answer is recorded as done. */
  #isWanted(pace: RateLimit): boolean {
    const { pipeline, limit, watched } = this.#deps;
    const now = this.#clock.mono();
    if (!pace.admits(now, limit.fps)) return false;
    const isWatched = watched.plain || watched.annotated;
    return isWatched || !pipeline.skipsFrame(now);
  }

  /**
   * The first frame of a pipeline takes longer than others: its networks are loaded for this size of picture and
   * measured. The supervisor must not take that time for a silent camera.
   */
  async #processOrMeasure(frame: Frame): Promise<void> {
    const { pipeline, send } = this.#deps;
    if (pipeline === this.#measured) return this.#process(frame);
    await send({ type: 'measuring' });
    await this.#process(frame);
    this.#measured = pipeline;
    await send({ type: 'measured' });
  }

  async #process(frame: Frame): Promise<void> {
    const { mono } = frame;
    const ts = Math.round(this.#clock.now() - (this.#clock.mono() - mono));
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

/** The daemon logs this process's stderr. */
function logSkipped(fault: MienError): void {
  process.stderr.write(`Skipped: ${describeError(fault)}\n`);
}

/** Maximum processed frames per second. */
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
  /** Number of unwanted frames before it. */
  readonly skipped: number;
}

/** `ended` for a recording that was played once, or why the source was lost. */
type SourceEnd = 'ended' | { readonly reason: string; readonly code: CameraCode };

function codeOf(error: unknown, source: string): CameraCode {
  if (!(error instanceof MienError) || error.code === exitCode.badData) return 'camera-unreadable';
  // A network camera cannot be held by another program.
  if (addressPattern.test(source)) return 'camera-missing';
  return error.code === exitCode.unavailable ? 'camera-busy' : 'camera-missing';
}

/** Maximum rate of empty readings per second while the scene is idle without viewers. */
const maxEmptyFps = 2;

/** Sends each new reading, with its picture where there are viewers and the previous picture was sent. */
class LiveEncoder {
  readonly #deps: LoopDeps;
  readonly #clock: Clock;
  readonly #emptyPace = new RateLimit(maxEmptyFps);
  #pace = new RateLimit(Number.POSITIVE_INFINITY);
  #isPictureInFlight = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /** After a source was opened: its first picture is due at once, because the second may be ten seconds away. */
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
    const since = this.#clock.mono();
    const plain = watched.plain ? plainJpeg(frame, quality) : undefined;
    const annotated = watched.annotated ? annotatedJpeg(frame, reading.faces, quality) : undefined;
    times.add('encode', this.#clock.mono() - since);
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

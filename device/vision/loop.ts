import { setImmediate as turn } from 'node:timers/promises';
import { address } from '../camera/forms.ts';
import { openSource } from '../camera/open.ts';
import type { Frame, FrameSource } from '../camera/source.ts';
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
const provenMs = 10_000;

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
      const turn = AbortSignal.any([signal, playback.turn]);
      if (playback.paused) {
        await send({ type: 'paused' });
        await aborted(turn);
        continue;
      }
      const openedAt = performance.now();
      const end = await this.#playSource(turn);
      if (turn.aborted) continue;
      if (end === 'ended') {
        await send({ type: 'ended' });
        await aborted(turn);
        continue;
      }
      await send({ type: 'lost', ...end });
      if (performance.now() - openedAt > provenMs) backoff.reset();
      await wait(backoff.next(), turn);
    }
  }

  async #playSource(signal: AbortSignal): Promise<SourceEnd> {
    const { send, playback } = this.#deps;
    const { settings } = playback;
    let source: FrameSource | undefined;
    try {
      await send({ type: 'opening' });
      // Asked of each picture: the setting may change while the source is open.
      const enoughWidth = (width: number) => this.#deps.pipeline.detector.lookWidth(width);
      const options = { ...settings.camera, enoughWidth, onSkip: logSkipped };
      source = await openSource(settings.camera.source, options, signal);
      const { description, width, height, fps } = source.info;
      await send({ type: 'online', description, width, height, fps: Math.min(fps, mostFps(settings)) });
      this.#live.startAnew();
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
    const pace = new RateLimit(mostFps(settings));
    const reader = new ReadAhead(
      (isAhead) => this.#read(source, { pace, signal, isAhead }),
      this.#deps.clock ?? systemClock,
    );
    // A recording at full pace always has a next frame; that of a camera is the newer the later it is asked for.
    const canReadAhead = settings.camera.pace === 'max' && !source.info.live && source.info.decodesBeside;
    let lastIndex = -1;
    try {
      while (!signal.aborted) {
        const asked = performance.now();
        const read = await reader.next();
        if (!read)
          return source.info.live
            ? { reason: 'The camera delivers no more pictures. Check its plug and cable', code: 'camera-missing' }
            : 'ended';
        this.#deps.times.add('read', performance.now() - asked);
        if (canReadAhead) reader.workBegins();
        const { frame, unwanted } = read;
        await this.#process(frame);
        const dropped = frame.index - lastIndex - 1 - unwanted;
        const doneAt = performance.now();
        reader.workEnded();
        this.#stats.add(doneAt, dropped, doneAt - frame.mono);
        lastIndex = frame.index;
        frame.mat.release();
        // Native calls hold the thread; this lets messages from the daemon in between two frames.
        await turn();
      }
    } finally {
      (await reader.rest())?.frame.mat.release();
    }
    return 'ended';
  }

  /** The next frame that is wanted; undefined when there are no more. */
  async #read(source: FrameSource, { pace, signal, isAhead }: ReadWish): Promise<Read | undefined> {
    let unwanted = 0;
    const isWanted = () => {
      if (signal.aborted || this.#wants(pace)) return true;
      unwanted += 1;
      return false;
    };
    const frame = await source.read(signal, { isGlance: this.#deps.pipeline.isQuiet, isAhead, isWanted });
    return frame && { frame, unwanted };
  }

  /** Whether the frame that has just come is to be looked at, which counts as done. */
  #wants(pace: RateLimit): boolean {
    const { pipeline, limit, watched } = this.#deps;
    const now = performance.now();
    if (!pace.admits(now, limit.fps)) return false;
    const isWatched = watched.plain || watched.annotated;
    return isWatched || !pipeline.passesOver(now);
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
function mostFps({ camera }: VisionSettings): number {
  return camera.pace === 'max' ? Number.POSITIVE_INFINITY : camera.fps;
}

class PipelineFault extends Error {}

interface ReadWish {
  readonly pace: RateLimit;
  readonly signal: AbortSignal;
  readonly isAhead: boolean;
}

interface Read {
  readonly frame: Frame;
  /** How many came before it and were not wanted. */
  readonly unwanted: number;
}

/** A recording that was played once, or why a source was lost. */
type SourceEnd = 'ended' | { readonly reason: string; readonly code: CameraCode };

function codeOf(error: unknown, source: string): CameraCode {
  if (!(error instanceof MienError) || error.code === exitCode.badData) return 'camera-unreadable';
  // No other program holds a camera in the network.
  if (address.test(source)) return 'camera-missing';
  return error.code === exitCode.unavailable ? 'camera-busy' : 'camera-missing';
}

/** Readings a second that say that nobody is there, while nothing moves and nobody watches. */
const emptyFps = 2;

/** Sends each reading that is news, with its picture where somebody watches and the one before has left. */
class LiveEncoder {
  readonly #deps: LoopDeps;
  readonly #emptyPace = new RateLimit(emptyFps);
  #pace = new RateLimit(Number.POSITIVE_INFINITY);
  #pictureUnderWay = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
  }

  /** A source was opened: its first picture is due at once, for the second may be ten seconds away. */
  startAnew(): void {
    this.#pace = new RateLimit(Number.POSITIVE_INFINITY);
  }

  send(reading: Reading, frame: Frame): void {
    const { send, watched, playback, times, pipeline } = this.#deps;
    const { jpegQuality: quality, streamFps } = playback.settings;
    const somebody = watched.plain || watched.annotated;
    const isEmpty = pipeline.isQuiet && reading.faces.length === 0;
    if (!somebody && isEmpty && !this.#emptyPace.admits(reading.mono)) return;
    if (!somebody || this.#pictureUnderWay || !this.#pace.admits(reading.mono, streamFps)) {
      void send({ type: 'reading', reading });
      return;
    }
    const since = performance.now();
    const plain = watched.plain ? plainJpeg(frame, quality) : undefined;
    const annotated = watched.annotated ? annotatedJpeg(frame, reading.faces, quality) : undefined;
    times.add('encode', performance.now() - since);
    this.#pictureUnderWay = true;
    void send({ type: 'reading', reading, plain, annotated }).then(() => {
      this.#pictureUnderWay = false;
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

import { setImmediate as turn } from 'node:timers/promises';
import { openSource } from '../camera/open.ts';
import type { Frame, FrameSource } from '../camera/source.ts';
import { Backoff } from '../core/backoff.ts';
import { wait } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Reading } from '../core/types.ts';
import { annotatedJpeg, plainJpeg } from './jpeg.ts';
import type { FromVision, VisionSettings } from './messages.ts';
import type { Pipeline } from './pipeline.ts';
import { FrameStats } from './stats.ts';

/** A source that delivered for this long was really there: the next loss starts the backoff anew. */
const provenMs = 10_000;

export interface LoopDeps {
  readonly settings: VisionSettings;
  readonly pipeline: Pipeline;
  /** Resolves when the message has left this process. */
  readonly send: (message: FromVision) => Promise<void>;
  readonly watched: { plain: boolean; annotated: boolean };
  /** Frames a second that are looked at, at most, beside `camera.fps`; may change at any time. */
  readonly limit: { fps: number };
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
    const { send, pipeline } = this.#deps;
    const report = () =>
      void send({ type: 'stats', ...this.#stats.snapshot(performance.now()), detector: pipeline.detector.description });
    const ticker = setInterval(report, 1000);
    try {
      await this.#keepPlaying(signal);
    } finally {
      clearInterval(ticker);
    }
  }

  async #keepPlaying(signal: AbortSignal): Promise<void> {
    const { send } = this.#deps;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const openedAt = performance.now();
      const end = await this.#playSource(signal);
      if (signal.aborted) break;
      if (end === 'ended') {
        await send({ type: 'ended' });
        await aborted(signal);
        break;
      }
      await send({ type: 'lost', reason: end.reason });
      if (performance.now() - openedAt > provenMs) backoff.reset();
      await wait(backoff.next(), signal);
    }
  }

  async #playSource(signal: AbortSignal): Promise<SourceEnd> {
    const { send, settings } = this.#deps;
    let source: FrameSource | undefined;
    try {
      await send({ type: 'opening' });
      const options = { ...settings.camera, enoughWidth: settings.detect.inputWidth };
      source = await openSource(settings.camera.source, options, signal);
      const { description, width, height, fps } = source.info;
      await send({ type: 'online', description, width, height, fps });
      return await this.#playFrames(source, signal);
    } catch (error) {
      // What went wrong after the picture was there is no fault of the source: this process ends and is started anew.
      if (error instanceof PipelineFault) throw error.cause;
      return { reason: describeError(error) };
    } finally {
      source?.close();
    }
  }

  async #playFrames(source: FrameSource, signal: AbortSignal): Promise<SourceEnd> {
    const { settings, limit, pipeline } = this.#deps;
    const { camera } = settings;
    const pace = new RateLimit(camera.pace === 'max' ? Number.POSITIVE_INFINITY : camera.fps);
    let lastIndex = -1;
    while (!signal.aborted) {
      const frame = await source.read(signal, pipeline.isQuiet);
      if (!frame)
        return source.info.live
          ? { reason: 'The camera delivers no more pictures. Check its plug and cable' }
          : 'ended';
      const readAt = performance.now();
      if (pace.admits(readAt, limit.fps)) {
        await this.#process(frame, readAt);
        this.#stats.add(performance.now(), frame.index - lastIndex - 1, performance.now() - readAt);
      }
      lastIndex = frame.index;
      frame.mat.release();
      // Native calls hold the thread; this lets messages from the daemon in between two frames.
      await turn();
    }
    return 'ended';
  }

  async #process(frame: Frame, mono: number): Promise<void> {
    const ts = Date.now();
    const faces = await this.#deps.pipeline.process(frame.mat, mono, frame.jpeg).catch((cause: unknown) => {
      throw new PipelineFault('processing a frame failed', { cause });
    });
    const scale = frame.jpeg?.scale ?? 1;
    const [width, height] = [frame.mat.cols * scale, frame.mat.rows * scale];
    this.#live.send({ frame: frame.index, t: frame.t, ts, mono, width, height, faces }, frame);
  }
}

class PipelineFault extends Error {}

/** A recording that was played once, or why a source was lost. */
type SourceEnd = 'ended' | { readonly reason: string };

/** Sends each reading, with its picture where somebody watches and the one before has left. */
class LiveEncoder {
  readonly #deps: LoopDeps;
  readonly #pace: RateLimit;
  #pictureUnderWay = false;

  constructor(deps: LoopDeps) {
    this.#deps = deps;
    this.#pace = new RateLimit(deps.settings.streamFps);
  }

  send(reading: Reading, frame: Frame): void {
    const { send, watched, settings } = this.#deps;
    const somebody = watched.plain || watched.annotated;
    if (!somebody || this.#pictureUnderWay || !this.#pace.admits(reading.mono)) {
      void send({ type: 'reading', reading });
      return;
    }
    const quality = settings.jpegQuality;
    const plain = watched.plain ? plainJpeg(frame, quality) : undefined;
    const annotated = watched.annotated ? annotatedJpeg(frame, reading.faces, quality) : undefined;
    this.#pictureUnderWay = true;
    void send({ type: 'reading', reading, plain, annotated }).then(() => {
      this.#pictureUnderWay = false;
    });
  }
}

/** Lets through at most `perSecond`; early by up to a third of the interval counts as on time, because cameras jitter. */
class RateLimit {
  readonly #perSecond: number;
  #plannedAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @param limit frames a second at this moment, where that is less */
  admits(now: number, limit = Number.POSITIVE_INFINITY): boolean {
    const intervalMs = 1000 / Math.min(this.#perSecond, limit);
    const dueAt = this.#plannedAt + intervalMs;
    if (now < dueAt - intervalMs / 3) return false;
    // A little late: the next is due as planned. Later than a whole interval: the plan starts anew.
    this.#plannedAt = now - dueAt < intervalMs ? dueAt : now;
    return true;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

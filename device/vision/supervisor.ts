import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Backoff } from '../core/backoff.ts';
import { systemClock, wait } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { LiveKind, LiveSource } from '../core/live.ts';
import type { Log } from '../core/log.ts';
import type { StateBoard } from '../core/state.ts';
import type { LiveFrame, Reading } from '../core/types.ts';
import type { FromVision, ToVision, VisionSettings } from './messages.ts';
import { StderrLog } from './stderr-log.ts';

/** Loading models and OpenCV takes seconds on a small board with a slow card. */
const startDeadlineMs = 30_000;
/** Opening a camera or a stream may block; longer than this it never comes back. */
const openDeadlineMs = 15_000;
/** A run that lasted this long had nothing wrong from its start: the next is started without delay. */
const provenMs = 10_000;
/** Time to read what has arrived while this process stood still (a slow card, swapping). */
const graceMs = 50;
/** How long the process may take to end when it is asked to. */
const stopDeadlineMs = 1000;

export interface SupervisorDeps {
  readonly settings: VisionSettings;
  readonly board: StateBoard;
  readonly log: Log;
  readonly onReading: (reading: Reading) => void;
  /** The file that the process runs; tests start others. */
  readonly entry?: string;
}

/**
 * Runs the vision process and starts it again when it crashes, hangs or goes silent. Silence is measured by its messages:
 * one per frame and one per second, so a camera call that never returns is found too.
 */
export class VisionSupervisor implements LiveSource {
  readonly #deps: SupervisorDeps;
  readonly #listeners: Record<LiveKind, Set<(frame: LiveFrame) => void>> = { plain: new Set(), annotated: new Set() };
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff([100, 1000, 2000, 5000, 10_000]);
  #child: ChildProcess | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  /** Counts messages. */
  #heard = 0;
  #nextTrack = 1;
  #limit = Number.POSITIVE_INFINITY;
  /** What the process said was wrong before it ended. */
  #fault: string | undefined;
  /** Whether it said so because a model or the configuration is wrong. */
  #isMisconfigured = false;
  #finished: Promise<void> | undefined;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  /** Starts the process; does not wait for the first frame. */
  start(): void {
    this.#finished = this.#keepRunning();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#tell({ type: 'stop' });
    const child = this.#child;
    const killer = setTimeout(() => child?.kill('SIGKILL'), stopDeadlineMs);
    await this.#finished;
    clearTimeout(killer);
  }

  /** Looks at no more than this many frames a second from now on, also after a restart. */
  limitRate(fps: number): void {
    this.#limit = fps;
    this.#tell({ type: 'limit', fps });
  }

  /** Process id of the vision process while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  subscribe(kind: LiveKind, listener: (frame: LiveFrame) => void): () => void {
    this.#listeners[kind].add(listener);
    this.#tellWatched();
    return () => {
      this.#listeners[kind].delete(listener);
      this.#tellWatched();
    };
  }

  async #keepRunning(): Promise<void> {
    const { board, log } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      this.#fault = undefined;
      this.#isMisconfigured = false;
      const startedAt = performance.now();
      const end = await this.#runOnce().catch(describeError);
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - startedAt > provenMs) this.#backoff.reset();
      const reason: string = this.#fault ?? `The vision process ended (${end})`;
      log.error({ end, restarts: board.current.vision.restarts + 1 }, reason);
      board.update('vision', {
        state: 'restarting',
        restarts: board.current.vision.restarts + 1,
        warning: reason,
        fps: 0,
      });
      const { state } = board.current.camera;
      // A model that is missing is no fault of the camera, which was not even asked.
      const isAsked = state === 'online' || (state === 'starting' && !this.#isMisconfigured);
      if (isAsked) board.update('camera', { state: 'lost', reason });
      await wait(this.#backoff.next(), this.#stopping.signal);
    }
  }

  /** Resolves, with why, when the process has ended; rejects where there is no memory to start one. */
  async #runOnce(): Promise<string> {
    const entry = this.#deps.entry ?? fileURLToPath(new URL('./main.js', import.meta.url));
    const child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: withoutSettings(process.env),
    });
    this.#child = child;
    this.#tell({ type: 'start', settings: this.#deps.settings, firstTrack: this.#nextTrack });
    this.#tellWatched();
    this.limitRate(this.#limit);
    this.#allowSilence(startDeadlineMs);
    const stderr = new StderrLog(this.#deps.log, systemClock);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.hear(text));
    child.on('message', (message: FromVision) => this.#hear(message));
    return new Promise((resolve) => {
      child.once('error', (error) => {
        clearTimeout(this.#silenceTimer);
        resolve(error.message);
      });
      // Not `exit`: its last messages may still be on their way then, and with them the reason.
      child.once('close', (code, signal) => {
        clearTimeout(this.#silenceTimer);
        stderr.flush();
        if (this.#child === child) this.#child = undefined;
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  #hear(message: FromVision): void {
    const { board, settings, log } = this.#deps;
    this.#allowSilence(message.type === 'opening' ? openDeadlineMs : settings.camera.stallMs);
    switch (message.type) {
      case 'ready': {
        const { detector, model, precision, labels, warning } = message;
        // Shown where it can happen; of the other models nothing is said.
        const uncertain = message.uncertain || undefined;
        if (warning) log.warn(warning);
        board.update('vision', { state: 'running', detector, model, precision, labels, uncertain, warning });
        return;
      }
      case 'online': {
        const { description, width, height, fps } = message;
        log.info({ width, height, fps }, `Source open: ${description}`);
        board.update('camera', { state: 'online', source: description, width, height, fps, reason: undefined });
        return;
      }
      case 'lost':
        // Reopening fails again and again for the same reason; said once it is enough.
        if (board.current.camera.reason !== message.reason) log.warn(`Source lost: ${message.reason}`);
        board.update('camera', { state: 'lost', reason: message.reason });
        return;
      case 'ended':
        board.update('camera', { state: 'ended', reason: undefined });
        return;
      case 'stats': {
        const { fps, droppedFps, latencyMs, detector } = message;
        board.update('vision', { fps, droppedFps, latencyMs, detector });
        return;
      }
      case 'fatal':
        this.#fault = `${message.message}. ${message.remedy}`;
        this.#isMisconfigured = true;
        return;
      case 'reading':
        this.#onReading(message);
    }
  }

  #onReading({ reading, plain, annotated }: Extract<FromVision, { type: 'reading' }>): void {
    for (const face of reading.faces) this.#nextTrack = Math.max(this.#nextTrack, face.track + 1);
    this.#deps.onReading(reading);
    if (plain) hand(this.#listeners.plain, { reading, jpeg: plain });
    if (annotated) hand(this.#listeners.annotated, { reading, jpeg: annotated });
  }

  /** The process must be heard of again within `ms`, or it is killed and started anew. */
  #allowSilence(ms: number): void {
    this.#heard += 1;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      const heard = this.#heard;
      // Where this process itself stood still, the messages are there and only unread: read them before judging.
      this.#silenceTimer = setTimeout(() => heard === this.#heard && this.#endSilence(ms), graceMs);
    }, ms);
  }

  #endSilence(ms: number): void {
    const isOnline = this.#deps.board.current.camera.state === 'online';
    this.#fault = isOnline
      ? `The camera gave no picture for ${ms / 1000} s and is opened again. If this repeats, check its cable and power`
      : `The vision process did not answer for ${ms / 1000} s and is started again`;
    this.#child?.kill('SIGKILL');
  }

  #tellWatched(): void {
    this.#tell({ type: 'watch', plain: this.#listeners.plain.size > 0, annotated: this.#listeners.annotated.size > 0 });
  }

  #tell(message: ToVision): void {
    // Between two runs there is nobody to tell; the next run is told everything at its start.
    if (this.#child?.connected) this.#child.send(message, () => {});
  }
}

/** One object for all: what viewers make of a frame, they make once. */
function hand(listeners: ReadonlySet<(frame: LiveFrame) => void>, frame: LiveFrame): void {
  for (const listener of listeners) listener(frame);
}

/** The process that decodes foreign pictures need not know the broker's password. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MIEN_')));
}

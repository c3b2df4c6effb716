import { fileURLToPath } from 'node:url';
import { Backoff } from '../../core/backoff.ts';
import { wait } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { LiveKind, LiveSource } from '../../core/live.ts';
import type { Log } from '../../core/log.ts';
import type { StateBoard } from '../../core/state.ts';
import type { LiveFrame, Reading } from '../../core/types.ts';
import type { FromVision, ToVision, VisionSettings } from '../messages.ts';
import type { StageSpan } from '../stage-times.ts';
import { type Fault, VisionRun } from './run.ts';

/**
 * Opening a camera or a stream may block. One that hangs is tried again soon; one that is merely slow (a stream whose first
 * whole picture is long in coming) is given more time at each try that it did not make.
 */
const defaultOpenDeadlinesMs = [6000, 15_000, 30_000];
/** A run that lasted this long had nothing wrong from its start: the next is started without delay. */
const healthyUptimeMs = 10_000;
/** The same of memory: a leak takes its time, and a limit that is too low must not mean a start every few seconds. */
const healthyMemoryUptimeMs = 10 * 60_000;
/** How long the process may take to end when it is asked to. */
const stopDeadlineMs = 1000;
/** More than begin within a second in front of any camera. */
const trackIdHeadroom = 100;
/** What to do about memory that runs out again and again. */
const memoryRemedy =
  'This repeats: ask for smaller pictures (camera.width), or raise the limit; if it grows without end, report it';

export interface SupervisorDeps {
  readonly settings: VisionSettings;
  /** Memory that the process may have for itself, in MB. */
  readonly memoryLimitMb: number;
  readonly board: StateBoard;
  readonly log: Log;
  readonly onReading: (reading: Reading) => void;
  /** The file that the process runs; tests start others. */
  readonly entry?: string;
  /** Most ms that an opening may take: at the first try, at the next one if it did not return, ... */
  readonly openDeadlinesMs?: readonly number[];
}

/**
 * Runs the vision process and starts it again when it crashes, hangs, goes silent or takes too much memory. Silence is
 * measured by its messages: one per frame in which somebody is, and one per second, so a camera call that never returns is
 * found too.
 */
export class VisionSupervisor implements LiveSource, Part {
  readonly name = 'vision';
  readonly #deps: SupervisorDeps;
  readonly #listeners: Record<LiveKind, Set<(frame: LiveFrame) => void>> = { plain: new Set(), annotated: new Set() };
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff([100, 1000, 2000, 5000, 10_000]);
  #run: VisionRun | undefined;
  #nextTrack = 1;
  /** Openings in a row that did not return. */
  #openingsHung = 0;
  /** What an earlier run found to be the faster one: measured once a start of the daemon, not after each fault. */
  #precision: 'fp32' | 'int8' | undefined;
  #limit = Number.POSITIVE_INFINITY;
  #settings: VisionSettings;
  #paused = false;
  #stages: Readonly<Record<string, StageSpan>> = {};
  #finished: Promise<void> | undefined;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#settings = deps.settings;
  }

  /** Starts the process; does not wait for the first frame. */
  start(): void {
    this.#finished = this.#keepRunning();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#run?.send({ type: 'stop' });
    const run = this.#run;
    const killer = setTimeout(() => run?.kill(), stopDeadlineMs);
    await this.#finished;
    clearTimeout(killer);
  }

  /** Looks at no more than this many frames a second from now on, also after a restart. */
  limitRate(fps: number): void {
    this.#limit = fps;
    this.#run?.send({ type: 'limit', fps });
  }

  /** Works with these from now on, also after a restart; opens the camera anew where they ask for another picture. */
  changeSettings(settings: VisionSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    // The frames that are on their way may begin more tracks.
    this.#run?.send({
      type: 'settings',
      settings: this.#currentSettings,
      firstTrack: this.#nextTrack + trackIdHeadroom,
    });
  }

  /** Whether the camera is to stay closed. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Closes the camera and looks at nothing until it is told otherwise, also after a restart of the vision process. */
  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#run?.send({ type: 'pause', paused });
    if (!paused) this.#deps.board.update('camera', { state: 'starting', reason: undefined, code: undefined });
  }

  /** Ends the vision process; it is started again at once. */
  restart(): void {
    this.#backoff.reset();
    this.#run?.terminate('An operator asked for a restart of the vision process');
  }

  /** Milliseconds a frame per stage, as the process last said. */
  get stages(): Readonly<Record<string, StageSpan>> {
    return this.#stages;
  }

  /** Process id of the vision process while it runs. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  subscribe(kind: LiveKind, listener: (frame: LiveFrame) => void): () => void {
    this.#listeners[kind].add(listener);
    this.#run?.send(this.#watched);
    return () => {
      this.#listeners[kind].delete(listener);
      this.#run?.send(this.#watched);
    };
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const fault = await this.#runOnce();
      if (signal.aborted) return;
      if (performance.now() - startedAt > (fault.kind === 'memory' ? healthyMemoryUptimeMs : healthyUptimeMs))
        this.#backoff.reset();
      if (fault.kind === 'silent while opening') this.#openingsHung += 1;
      const delayMs = this.#backoff.next();
      this.#showRestart(fault);
      await wait(delayMs, signal);
    }
  }

  async #runOnce(): Promise<Fault> {
    const { entry, memoryLimitMb, log, openDeadlinesMs = defaultOpenDeadlinesMs } = this.#deps;
    const { stallMs } = this.#settings.camera;
    const openDeadlineMs = openDeadlinesMs[Math.min(this.#openingsHung, openDeadlinesMs.length - 1)]!;
    this.#run = new VisionRun({
      entry: entry ?? fileURLToPath(new URL('../main.js', import.meta.url)),
      log,
      onMessage: (message) => this.#handle(message),
      stallMs,
      openDeadlineMs: Math.max(stallMs, openDeadlineMs),
      memoryLimitMb,
    });
    try {
      return await this.#run.run([
        { type: 'pause', paused: this.#paused },
        this.#start,
        this.#watched,
        { type: 'limit', fps: this.#limit },
      ]);
    } catch (error) {
      return {
        kind: 'ended',
        reason: `The vision process could not be started (${describeError(error)})`,
        code: 'vision-crashed',
      };
    } finally {
      this.#run = undefined;
    }
  }

  #showRestart({ kind, reason, code }: Fault): void {
    const { board, log } = this.#deps;
    const repeats = kind === 'memory' && this.#backoff.failures > 1;
    const warning = repeats ? `${reason}. ${memoryRemedy}` : reason;
    const restarts = board.current.vision.restarts + 1;
    if (kind === 'requested') log.info({ restarts }, warning);
    else log.error({ restarts }, warning);
    board.update('vision', {
      state: 'restarting',
      restarts,
      lastRestart: warning,
      warning,
      code,
      fps: 0,
      memoryMb: undefined,
    });
    const { state } = board.current.camera;
    // A model that is missing is no fault of the camera, which was not even asked.
    const wasInUse = state === 'online' || (state === 'starting' && kind !== 'misconfigured');
    if (wasInUse || kind === 'silent while opening') {
      board.update('camera', { state: 'lost', reason, code: 'camera-stalled' });
    }
  }

  #handle(message: FromVision): void {
    const { board, log } = this.#deps;
    switch (message.type) {
      case 'ready': {
        const { detector, model, precision, labels, warning, note } = message;
        // Shown where it can happen; of the other models nothing is said.
        const uncertain = message.uncertain || undefined;
        this.#precision = precision;
        if (warning) log.warn(warning);
        if (note) log.info(note);
        // The one thing that works less well than it could.
        const code = warning === undefined ? undefined : 'detector-fallback';
        board.update('vision', { state: 'running', detector, model, precision, labels, uncertain, warning, code });
        return;
      }
      case 'opening':
        // It was open with other settings until now. One that is lost stays so until it is there again.
        if (board.current.camera.state === 'online') board.update('camera', { state: 'starting' });
        return;
      case 'online': {
        const { description, width, height, fps } = message;
        this.#openingsHung = 0;
        log.info({ width, height, fps }, `Source open: ${description}`);
        board.update('camera', {
          state: 'online',
          source: description,
          width,
          height,
          fps,
          reason: undefined,
          code: undefined,
        });
        return;
      }
      case 'lost':
        // Reopening fails again and again for the same reason; said once it is enough.
        if (board.current.camera.reason !== message.reason) log.warn(`Source lost: ${message.reason}`);
        board.update('camera', { state: 'lost', reason: message.reason, code: message.code });
        return;
      case 'ended':
        board.update('camera', { state: 'ended', reason: undefined, code: undefined });
        return;
      case 'paused':
        board.update('camera', { state: 'paused', reason: undefined, code: undefined });
        return;
      case 'stats': {
        const { fps, droppedFps, latencyMs, detector, stages } = message;
        this.#stages = stages ?? {};
        board.update('vision', { fps, droppedFps, latencyMs, detector, memoryMb: this.#run?.memoryMb });
        return;
      }
      case 'reading':
        this.#onReading(message);
    }
  }

  #onReading({ reading, plain, annotated }: Extract<FromVision, { type: 'reading' }>): void {
    for (const face of reading.faces) this.#nextTrack = Math.max(this.#nextTrack, face.track + 1);
    this.#deps.onReading(reading);
    if (plain) deliver(this.#listeners.plain, { reading, jpeg: plain });
    if (annotated) deliver(this.#listeners.annotated, { reading, jpeg: annotated });
  }

  get #start(): ToVision {
    return { type: 'start', settings: this.#currentSettings, firstTrack: this.#nextTrack };
  }

  /** The settings, with what an earlier run measured. */
  get #currentSettings(): VisionSettings {
    const { classify } = this.#settings;
    return { ...this.#settings, classify: { ...classify, precision: this.#precision ?? classify.precision } };
  }

  get #watched(): ToVision {
    return { type: 'watch', plain: this.#listeners.plain.size > 0, annotated: this.#listeners.annotated.size > 0 };
  }
}

/** One object for all: what viewers make of a frame, they make once. */
function deliver(listeners: ReadonlySet<(frame: LiveFrame) => void>, frame: LiveFrame): void {
  for (const listener of listeners) listener(frame);
}

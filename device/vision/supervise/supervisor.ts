import { fileURLToPath } from 'node:url';
import { Backoff } from '../../core/backoff.ts';
import { type Clock, systemClock, wait } from '../../core/clock.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { LiveKind, LiveSource } from '../../core/live.ts';
import type { Log } from '../../core/log.ts';
import type { StateBoard } from '../../core/state.ts';
import type { LiveFrame, Reading } from '../../core/types.ts';
import type { FromVision, ToVision, VisionSettings } from '../messages.ts';
import { LoadingState } from './loading-state.ts';
import { type Limits, Patience, type Phase } from './patience.ts';
import { type Fault, VisionRun, type VisionRunDeps } from './run.ts';
import { VisionRecord } from './vision-record.ts';

/** Uptime after which a run counts as healthy and the restart backoff resets, in ms. */
const healthyUptimeMs = 10_000;
/**
 * The same after a memory fault: a leak takes time, and a limit that is too low must not cause a restart every few
 * seconds.
 */
const healthyMemoryUptimeMs = 10 * 60_000;
/** Time to end after the stop message, in ms, before the process is killed. */
const stopDeadlineMs = 1000;
/** Headroom of ids for tracks started by frames still in flight. */
const trackIdHeadroom = 100;
/** Remedy for repeated memory faults. */
const memoryRemedy =
  'This repeats: ask for smaller pictures (camera.width), or raise the limit; if it grows without end, report it';

export interface SupervisorDeps extends Pick<VisionRunDeps, 'fork' | 'cpuSecondsOf'> {
  readonly settings: VisionSettings;
  /** Limit of the process's private memory, in MB. */
  readonly memoryLimitMb: number;
  /** Interval of the memory check, in ms; default 1000. */
  readonly memoryCheckIntervalMs?: number;
  readonly board: StateBoard;
  readonly log: Log;
  readonly onReading: (reading: Reading) => void;
  readonly clock?: Clock;
  /** The file that the process runs; tests start others. */
  readonly entry?: string;
  /** Limits of the phases of a start; tests have shorter ones. */
  readonly limits?: Limits;
}

/**
 * Runs the vision process and restarts it when it crashes, hangs, is silent or takes too much memory. Silence is
 * measured by its messages: one per frame with a face, and one per second. So a camera call that never returns is
 * detected too.
 */
export class VisionSupervisor implements LiveSource, Part {
  readonly name = 'vision';
  /** Stage times, counts and restarts. */
  readonly record = new VisionRecord();
  readonly #deps: SupervisorDeps;
  readonly #listeners: Record<LiveKind, Set<(frame: LiveFrame) => void>> = { plain: new Set(), annotated: new Set() };
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff([100, 1000, 2000, 5000, 10_000]);
  readonly #patience: Patience;
  readonly #loading: LoadingState;
  #run: VisionRun | undefined;
  #nextTrack = 1;
  /** The precision that an earlier run measured as faster: measured once per start of the daemon, not after each fault. */
  #precision: 'fp32' | 'int8' | undefined;
  #limit = Number.POSITIVE_INFINITY;
  #settings: VisionSettings;
  #paused = false;
  #finished: Promise<void> | undefined;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#settings = deps.settings;
    this.#patience = new Patience(deps.limits);
    this.#loading = new LoadingState(deps.board);
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

  /** Limits the processed frames per second from now on, also after a restart. */
  limitRate(fps: number): void {
    this.#limit = fps;
    this.#run?.send({ type: 'limit', fps });
  }

  /** Uses these settings from now on, also after a restart. Reopens the camera where they require another picture. */
  changeSettings(settings: VisionSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    // Frames in flight may start more tracks.
    this.#run?.send({
      type: 'settings',
      settings: this.#currentSettings,
      firstTrack: this.#nextTrack + trackIdHeadroom,
    });
  }

  /** Whether the camera must stay closed. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Closes the camera and stops processing until resumed, also after a restart of the vision process. */
  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#run?.send({ type: 'pause', paused });
    this.#patience.reset('opening');
    if (!paused) this.#deps.board.update('camera', { state: 'starting', reason: undefined, code: undefined });
  }

  /** Restarts the vision process at once. @param source shown as the cause: `an operator` */
  restart(source: string): void {
    this.#backoff.reset();
    this.#run?.terminate(`The vision process was restarted by ${source}`);
  }

  /** Process id of the vision process while it runs. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  /** The silence of the vision process that is allowed now, in ms; after it the process is killed. */
  get patienceMs(): number | undefined {
    return this.#run?.patienceMs;
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
    const { clock = systemClock } = this.#deps;
    while (!signal.aborted) {
      const startedAt = clock.mono();
      const fault = await this.#runOnce();
      if (signal.aborted) return;
      if (clock.mono() - startedAt > (fault.kind === 'memory' ? healthyMemoryUptimeMs : healthyUptimeMs))
        this.#backoff.reset();
      if (fault.phase) this.#patience.addExceeded(fault.phase);
      this.record.addEnd(fault.kind);
      const delayMs = this.#backoff.next();
      this.#showRestart(fault);
      await wait(delayMs, signal);
    }
  }

  async #runOnce(): Promise<Fault> {
    const { entry, memoryLimitMb, log, fork, cpuSecondsOf } = this.#deps;
    const { memoryCheckIntervalMs = 1000, clock = systemClock } = this.#deps;
    const { stallMs } = this.#settings.camera;
    this.#loading.showLoading();
    this.#run = new VisionRun({
      entry: entry ?? fileURLToPath(new URL('../main.js', import.meta.url)),
      log,
      clock,
      onMessage: (message) => this.#handle(message),
      onProgress: () => this.record.addProgress(),
      limitMs: (phase: Phase) => (phase === 'running' ? stallMs : Math.max(stallMs, this.#patience.limitMs(phase))),
      memoryLimitMb,
      memoryCheckIntervalMs,
      fork,
      cpuSecondsOf,
    });
    try {
      return await this.#run.run([
        { type: 'pause', paused: this.#paused },
        this.#start,
        this.#watched,
        { type: 'limit', fps: this.#limit },
      ]);
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
    // Loading is no fault of the camera: it was not opened yet, or has given a picture.
    this.#loading.clear('starting');
    const wasInUse = state === 'online' || state === 'starting';
    if (wasInUse || kind === 'silent while opening')
      board.update('camera', { state: 'lost', reason, code: 'camera-stalled' });
  }

  #handle(message: FromVision): void {
    const { board, log } = this.#deps;
    this.record.addMessage(message);
    switch (message.type) {
      case 'ready': {
        const { detector, model, modelId, precision, labels, warning, note } = message;
        // Set only for models that can abstain.
        const uncertain = message.uncertain || undefined;
        this.#precision = precision;
        this.#patience.reset('loading');
        this.#loading.clear('starting');
        if (warning) log.warn(warning);
        if (note) log.info(note);
        // The only possible degradation at this point.
        const code = warning === undefined ? undefined : 'detector-fallback';
        const loaded = { detector, model, modelId, precision, labels, uncertain };
        board.update('vision', { state: 'running', ...loaded, warning, code });
        return;
      }
      case 'opening':
        // The camera was open with other settings. A lost camera stays `lost` until it is back.
        if (board.current.camera.state === 'online') board.update('camera', { state: 'starting' });
        return;
      case 'online': {
        const { description, width, height, fps } = message;
        this.#patience.reset('opening');
        log.info({ width, height, fps }, `Source open: ${description}`);
        const opened = { source: description, width, height, fps };
        board.update('camera', { state: 'online', ...opened, reason: undefined, code: undefined });
        return;
      }
      case 'measuring':
        this.#loading.showMeasuring();
        return;
      case 'measured':
        this.#patience.reset('measuring');
        this.#loading.clear('online');
        return;
      case 'lost':
        // Reopening may fail repeatedly for the same reason, which is logged once.
        if (board.update('camera', { state: 'lost', reason: message.reason, code: message.code }))
          log.warn(`Source lost: ${message.reason}`);
        return;
      case 'ended':
      case 'paused':
        board.update('camera', { state: message.type, reason: undefined, code: undefined });
        return;
      case 'stats': {
        const { fps, droppedFps, latencyMs, detector } = message;
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

  /** The settings, with the precision that an earlier run measured. */
  get #currentSettings(): VisionSettings {
    const { classify } = this.#settings;
    return { ...this.#settings, classify: { ...classify, precision: this.#precision ?? classify.precision } };
  }

  get #watched(): ToVision {
    return { type: 'watch', plain: this.#listeners.plain.size > 0, annotated: this.#listeners.annotated.size > 0 };
  }
}

/** All listeners share one object, so that work on a frame is done once for all viewers. */
function deliver(listeners: ReadonlySet<(frame: LiveFrame) => void>, frame: LiveFrame): void {
  for (const listener of listeners) listener(frame);
}

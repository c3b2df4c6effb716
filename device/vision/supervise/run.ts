import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/clock.ts';
import type { VisionCode } from '../../core/codes.ts';
import { exitCode } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { FromVision, ToVision } from '../messages.ts';
import { forkWorker } from './child.ts';
import { privateMemoryMb } from './memory.ts';
import { StderrLog } from './stderr-log.ts';
import { Watchdog } from './watchdog.ts';

/** Deadline for the first message, in ms: loading models and OpenCV takes seconds on a small board with a slow card. */
const startDeadlineMs = 30_000;

export const faultKinds = ['ended', 'misconfigured', 'silent', 'silent while opening', 'memory', 'requested'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Why a run ended. */
export interface Fault {
  readonly kind: FaultKind;
  /** One line, with its remedy where there is one. */
  readonly reason: string;
  readonly code: VisionCode;
}

export interface VisionRunDeps {
  /** The file that the process runs. */
  readonly entry: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly onMessage: (message: FromVision) => void;
  /** Maximum ms between two messages. */
  readonly stallMs: number;
  /** Maximum ms from `opening` to the next message. */
  readonly openDeadlineMs: number;
  /** Limit of the process's private memory, in MB. */
  readonly memoryLimitMb: number;
  /** Interval of the memory check, in ms. */
  readonly memoryCheckIntervalMs: number;
}

/** One run of the vision process, from start to end. Kills it when it is silent or takes too much memory. */
export class VisionRun {
  readonly #deps: VisionRunDeps;
  readonly #silence = new Watchdog((allowedMs) => this.#end(this.#silenceFault(allowedMs / 1000)));
  #child: ChildProcess | undefined;
  /** Fault that the process reported, or the reason for which it was killed. */
  #fault: Fault | undefined;
  #camera: 'closed' | 'opening' | 'online' = 'closed';
  #memoryMb: number | undefined;

  constructor(deps: VisionRunDeps) {
    this.#deps = deps;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Private memory of the process at the last check, in MB. */
  get memoryMb(): number | undefined {
    return this.#memoryMb;
  }

  /** The silence that is allowed now, in ms; after it the process is killed. */
  get patienceMs(): number {
    return this.#silence.allowedMs;
  }

  send(message: ToVision): void {
    // Messages to an ended process are dropped; the next run gets everything at its start.
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  /**
   * Starts the process and sends it these messages. Resolves with the reason when it has ended.
   *
   * @throws where the system has no memory or process left to start one
   */
  async run(first: readonly ToVision[]): Promise<Fault> {
    const { entry, log, clock, memoryCheckIntervalMs } = this.#deps;
    const child = forkWorker(entry);
    this.#child = child;
    for (const message of first) this.send(message);
    this.#silence.restart(startDeadlineMs);
    const memoryTicker = setInterval(() => this.#checkMemory(), memoryCheckIntervalMs);
    const stderr = new StderrLog(log, clock);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.add(text));
    child.on('message', (message: FromVision) => this.#handle(message));
    const end = await ended(child);
    this.#silence.stop();
    clearInterval(memoryTicker);
    stderr.flush();
    this.#child = undefined;
    return this.#fault ?? { kind: 'ended', reason: `The vision process ended (${end})`, code: 'vision-crashed' };
  }

  /** Ends the process so that it is restarted. */
  terminate(reason: string): void {
    this.#end({ kind: 'requested', reason, code: 'vision-restart-asked' });
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #handle(message: FromVision): void {
    if (message.type === 'opening') this.#camera = 'opening';
    else if (message.type === 'online') this.#camera = 'online';
    else if (['lost', 'ended', 'paused'].includes(message.type)) this.#camera = 'closed';
    if (message.type === 'fatal')
      this.#fault = {
        kind: 'misconfigured',
        reason: `${message.message}. ${message.remedy}`,
        code: message.code === exitCode.noInput ? 'model-missing' : 'model-invalid',
      };
    this.#silence.restart(message.type === 'opening' ? this.#deps.openDeadlineMs : this.#deps.stallMs);
    this.#deps.onMessage(message);
  }

  #silenceFault(seconds: number): Fault {
    if (this.#camera === 'opening') {
      const reason = `The camera could not be opened within ${seconds} s and is tried again. If this repeats, check its cable or its address`;
      return { kind: 'silent while opening', reason, code: 'vision-silent' };
    }
    const reason =
      this.#camera === 'online'
        ? `The camera gave no picture for ${seconds} s and is opened again. If this repeats, check its cable and power`
        : `The vision process did not answer for ${seconds} s and is started again`;
    return { kind: 'silent', reason, code: 'vision-silent' };
  }

  #checkMemory(): void {
    const { memoryLimitMb } = this.#deps;
    const memoryMb = this.pid === undefined ? undefined : privateMemoryMb(this.pid);
    if (memoryMb === undefined || this.#fault) return;
    this.#memoryMb = memoryMb;
    if (memoryMb <= memoryLimitMb) return;
    const reason = `The vision process took ${memoryMb} MB of memory (vision.memoryLimitMb allows ${memoryLimitMb}) and is started again`;
    this.#end({ kind: 'memory', reason, code: 'vision-memory' });
  }

  /** By SIGKILL: a stopped process, or one busy in native code, handles no other signal. */
  #end(fault: Fault): void {
    this.#fault = fault;
    this.kill();
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // Not `exit`: then the last messages, including the reason, may not have arrived yet.
    child.once('close', (code, signal) => resolve(describeEnd(code, signal)));
  });
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'SIGKILL: by a user, or by the system because memory ran out';
  return signal ?? `exit code ${code}`;
}

import type { ChildProcess } from 'node:child_process';
import { systemClock } from '../../core/clock.ts';
import type { VisionCode } from '../../core/codes.ts';
import { exitCode } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { FromVision, ToVision } from '../messages.ts';
import { forkWorker } from './child.ts';
import { privateMemoryMb } from './memory.ts';
import { StderrLog } from './stderr-log.ts';
import { Watchdog } from './watchdog.ts';

/** Loading models and OpenCV takes seconds on a small board with a slow card. */
const startDeadlineMs = 30_000;
/** How often the process's memory is looked at. */
const memoryCheckIntervalMs = 1000;

/** Why a run ended. */
export interface Fault {
  readonly kind: 'ended' | 'misconfigured' | 'silent' | 'silent while opening' | 'memory' | 'requested';
  /** One line, with its remedy where there is one. */
  readonly reason: string;
  readonly code: VisionCode;
}

export interface VisionRunDeps {
  /** The file that the process runs. */
  readonly entry: string;
  readonly log: Log;
  readonly onMessage: (message: FromVision) => void;
  /** Most ms between two messages. */
  readonly stallMs: number;
  /** Most ms from `opening` to the next message. */
  readonly openDeadlineMs: number;
  /** Memory that the process may have for itself, in MB. */
  readonly memoryLimitMb: number;
}

/** One run of the vision process, from its start to its end; ends it where it is silent or takes too much memory. */
export class VisionRun {
  readonly #deps: VisionRunDeps;
  readonly #silence = new Watchdog((allowedMs) => this.#end(this.#silenceFault(allowedMs / 1000)));
  #child: ChildProcess | undefined;
  /** What the process said was wrong with it, or what it was ended for. */
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

  /** Memory that the process had for itself when it was last looked at, in MB. */
  get memoryMb(): number | undefined {
    return this.#memoryMb;
  }

  send(message: ToVision): void {
    // A process that has just ended is told nothing; the next run is told everything at its start.
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  /**
   * Starts the process and tells it these messages; resolves, with why, when it has ended.
   *
   * @throws where the system has no memory or process left to start one
   */
  async run(first: readonly ToVision[]): Promise<Fault> {
    const { entry, log } = this.#deps;
    const child = forkWorker(entry);
    this.#child = child;
    for (const message of first) this.send(message);
    this.#silence.restart(startDeadlineMs);
    const memoryTicker = setInterval(() => this.#checkMemory(), memoryCheckIntervalMs);
    const stderr = new StderrLog(log, systemClock);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.add(text));
    child.on('message', (message: FromVision) => this.#handle(message));
    const end = await ended(child);
    this.#silence.stop();
    clearInterval(memoryTicker);
    stderr.flush();
    this.#child = undefined;
    return this.#fault ?? { kind: 'ended', reason: `The vision process ended (${end})`, code: 'vision-crashed' };
  }

  /** Ends the process so that it is started again. */
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

  /** By SIGKILL: a process that is stopped, or busy in native code, hears nothing else. */
  #end(fault: Fault): void {
    this.#fault = fault;
    this.kill();
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // Not `exit`: its last messages may still be on their way then, and with them the reason.
    child.once('close', (code, signal) => resolve(describeEnd(code, signal)));
  });
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'SIGKILL: by somebody, or by the system because memory ran out';
  return signal ?? `exit code ${code}`;
}

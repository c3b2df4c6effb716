import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/clock.ts';
import type { VisionCode } from '../../core/codes.ts';
import { CpuProgress } from '../../core/cpu-progress.ts';
import { describeError, exitCode } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { FromVision, ToVision } from '../messages.ts';
import { forkWorker } from './child.ts';
import { privateMemoryMb } from './memory.ts';
import { type BoundedPhase, busyFactor, type Phase } from './patience.ts';
import { StderrLog } from './stderr-log.ts';
import { Watchdog } from './watchdog.ts';

export const faultKinds = [
  'ended',
  'misconfigured',
  'silent',
  'silent while opening',
  'memory',
  'requested',
  'silent while loading',
  'silent while measuring',
] as const;
export type FaultKind = (typeof faultKinds)[number];

const slowRemedy = 'If this repeats, check the power supply, the free memory and the card of this board';

/** Why a run ended. */
export interface Fault {
  readonly kind: FaultKind;
  /** One line, with its remedy where there is one. */
  readonly reason: string;
  readonly code: VisionCode;
  /** The phase that took too long. */
  readonly phase?: BoundedPhase;
}

export interface VisionRunDeps {
  /** The file that the process runs. */
  readonly entry: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly onMessage: (message: FromVision) => void;
  /** Called when a silent process got more time, because it computes. */
  readonly onProgress: () => void;
  /** Maximum ms between two messages in this phase. */
  readonly limitMs: (phase: Phase) => number;
  /** Limit of the process's private memory, in MB. */
  readonly memoryLimitMb: number;
  /** Interval of the memory check, in ms. */
  readonly memoryCheckIntervalMs: number;
  /** Starts the process; tests start none. */
  readonly fork?: typeof forkWorker;
  /** Processor time of a process, in s; for tests. */
  readonly cpuSecondsOf?: (pid: number) => number | undefined;
}

/** One run of the vision process, from start to end. Kills it when it is silent or takes too much memory. */
export class VisionRun {
  readonly #deps: VisionRunDeps;
  readonly #silence = new Watchdog((allowedMs) => this.#onSilence(allowedMs));
  #child: ChildProcess | undefined;
  /** Fault that the process reported, or the reason for which it was killed. */
  #fault: Fault | undefined;
  #phase: Phase = 'loading';
  #phaseStartedAt = 0;
  /** Of the present phase, where that one computes. */
  #progress: CpuProgress | undefined;
  #isCameraOpen = false;
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

  /** Starts the process and sends it these messages. Resolves with the reason when it has ended. */
  async run(first: readonly ToVision[]): Promise<Fault> {
    const { entry, log, clock, memoryCheckIntervalMs, fork: startProcess = forkWorker } = this.#deps;
    let child: ChildProcess;
    try {
      child = startProcess(entry);
    } catch (error) {
      // The system has no memory or process left to start one.
      const reason = `The vision process could not be started (${describeError(error)})`;
      return { kind: 'ended', reason, code: 'vision-crashed' };
    }
    this.#child = child;
    for (const message of first) this.send(message);
    this.#enter('loading');
    this.#silence.restart(this.#deps.limitMs('loading'));
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
    const { type } = message;
    if (type === 'fatal')
      this.#fault = {
        kind: 'misconfigured',
        reason: `${message.message}. ${message.remedy}`,
        code: message.code === exitCode.noInput ? 'model-missing' : 'model-invalid',
      };
    if (type === 'online') this.#isCameraOpen = true;
    else if (['opening', 'lost', 'ended', 'paused'].includes(type)) this.#isCameraOpen = false;
    if (type === 'opening' || type === 'measuring') this.#enter(type);
    else if (['online', 'measured', 'lost', 'ended', 'paused'].includes(type)) this.#enter('running');
    this.#silence.restart(this.#deps.limitMs(this.#phase));
    this.#deps.onMessage(message);
  }

  #enter(phase: Phase): void {
    const { clock, cpuSecondsOf } = this.#deps;
    const computes = phase === 'loading' || phase === 'measuring';
    this.#phase = phase;
    this.#phaseStartedAt = clock.mono();
    this.#progress = computes ? new CpuProgress(this.pid, cpuSecondsOf) : undefined;
  }

  /** A slow board computes for minutes while it loads or measures. That is not a fault while it uses processor time. */
  #onSilence(allowedMs: number): void {
    const phaseMs = this.#deps.clock.mono() - this.#phaseStartedAt;
    // Whole limits: each wait is a little longer, by the watchdog's grace.
    const limits = this.#progress ? Math.max(1, Math.floor(phaseMs / allowedMs)) : 1;
    if (this.#progress?.hasAdvanced() && limits < busyFactor) {
      this.#silence.restart(allowedMs);
      this.#deps.onProgress();
    } else this.#end(this.#silenceFault((limits * allowedMs) / 1000));
  }

  #silenceFault(seconds: number): Fault {
    const code = 'vision-silent';
    switch (this.#phase) {
      case 'loading': {
        const reason = `The vision process did not load its libraries and networks within ${seconds} s and is started again with more time. ${slowRemedy}`;
        return { kind: 'silent while loading', reason, code, phase: 'loading' };
      }
      case 'measuring': {
        const reason = `The vision process was not done with its first picture within ${seconds} s and is started again with more time. ${slowRemedy}, or set detect.inputWidth to 160`;
        return { kind: 'silent while measuring', reason, code, phase: 'measuring' };
      }
      case 'opening': {
        const reason = `The camera could not be opened within ${seconds} s and is tried again. If this repeats, check its cable or its address`;
        return { kind: 'silent while opening', reason, code, phase: 'opening' };
      }
      case 'running': {
        const reason = this.#isCameraOpen
          ? `The camera gave no picture for ${seconds} s and is opened again. If this repeats, check its cable and power`
          : `The vision process did not answer for ${seconds} s and is started again`;
        return { kind: 'silent', reason, code };
      }
    }
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

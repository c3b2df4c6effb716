import { type ChildProcess, execFile } from 'node:child_process';
import { childEnvironment } from './child-environment.ts';
import { CpuProgress } from './cpu-progress.ts';

export interface ProgramOutcome {
  /** Undefined when it could not be started. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, within `limitMs`; whatever happens to it is an outcome, not an exception. */
export function runProgram(file: string, args: readonly string[], limitMs = 10_000): Promise<ProgramOutcome> {
  return new Promise((resolve) => start(file, args, limitMs, resolve));
}

/** Limits of `runPatiently`, in ms. */
export interface ProgramLimits {
  /** Time without any processor time used. */
  readonly idleMs: number;
  /** Whole time. */
  readonly totalMs: number;
}

export interface PatientOutcome extends ProgramOutcome {
  /** Which limit ended it. */
  readonly exceeded: keyof ProgramLimits | undefined;
  readonly tookMs: number;
}

/** Runs a program that a slow board needs minutes for, and ends one that does nothing, by SIGKILL. */
export function runPatiently(
  file: string,
  args: readonly string[],
  { idleMs, totalMs }: ProgramLimits,
): Promise<PatientOutcome> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const tookMs = () => performance.now() - startedAt;
    let exceeded: keyof ProgramLimits | undefined;
    const child = start(file, args, 0, (outcome) => {
      clearInterval(timer);
      resolve({ ...outcome, exceeded, tookMs: tookMs() });
    });
    const progress = new CpuProgress(child.pid);
    const timer = setInterval(() => {
      if (!progress.hasAdvanced()) exceeded = 'idleMs';
      else if (tookMs() >= totalMs) exceeded = 'totalMs';
      if (exceeded) child.kill('SIGKILL');
    }, idleMs);
  });
}

/** @param timeout ms; 0: none */
function start(
  file: string,
  args: readonly string[],
  timeout: number,
  onEnd: (outcome: ProgramOutcome) => void,
): ChildProcess {
  const options = { timeout, encoding: 'utf8', env: { ...childEnvironment(), LC_ALL: 'C' } } as const;
  return execFile(file, [...args], options, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
    onEnd({ code, signal: error?.signal ?? undefined, stdout, stderr });
  });
}

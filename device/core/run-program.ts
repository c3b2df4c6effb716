import { execFile } from 'node:child_process';
import { childEnvironment } from './child-environment.ts';

export interface ProgramOutcome {
  /** Undefined when it could not be started. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, within `limitMs`; whatever happens to it is an outcome, not an exception. */
export function runProgram(file: string, args: readonly string[], limitMs = 10_000): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const options = { timeout: limitMs, encoding: 'utf8', env: { ...childEnvironment(), LC_ALL: 'C' } } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ code, signal: error?.signal ?? undefined, stdout, stderr });
    });
  });
}

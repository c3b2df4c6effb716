import { exitCode, MienError } from '../../core/errors.ts';
import { runProgram } from '../../core/run-program.ts';

/** Making a Debian for an emulated processor takes minutes. */
const limitMs = 1_800_000;

/** Runs a program that prepares the lab. @throws MienError with its last line if it fails */
export async function mustRun(file: string, args: readonly string[], remedy: string): Promise<void> {
  const { code, signal, stderr } = await runProgram(file, args, limitMs);
  if (code === 0) return;
  throw new MienError(`expected ${file} to end well, got ${signal ?? `exit code ${code}`}: ${lastLine(stderr)}`, {
    code: exitCode.unavailable,
    remedy,
  });
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

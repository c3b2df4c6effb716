import type { ExitCode } from '../core/errors.ts';
import { exitCode } from '../core/errors.ts';
import type { GateCheck } from './gate/judge.ts';

/** What `install`, `update`, `rollback` and `uninstall` tell, and print as one line with `--json`. */
export interface Outcome {
  readonly outcome: 'installed' | 'updated' | 'unchanged' | 'rolled-back' | 'postponed' | 'uninstalled' | 'failed';
  readonly changed: boolean;
  /** The release in use at the end; null if none is. */
  readonly version: string | null;
  readonly previous: string | null;
  readonly reason: string | null;
  readonly gate: readonly GateCheck[];
  /** A newer release that a check found. */
  readonly available?: string;
  readonly code: ExitCode | 0;
}

/** The exit code of a change that ended as it should, or not. */
export const changeCode = (isFine: boolean): ExitCode | 0 => (isFine ? 0 : exitCode.failure);

import { asCalled } from '../../core/command.ts';
import { describeError, MienError } from '../../core/errors.ts';
import type { GateCheck } from '../../install/gate/judge.ts';
import { type Host, thisHost } from '../../install/host/host.ts';
import { exclusively } from '../../install/host/lock.ts';
import type { Outcome } from '../../install/outcome.ts';

/**
 * Runs a command that changes the installation, as root and alone, and tells its outcome: with `json` one line on standard
 * output, also for a fault. Progress goes to standard error.
 */
export async function reportOutcome(
  json: boolean | undefined,
  work: (host: Host) => Promise<Outcome>,
  describe: (outcome: Outcome) => string = describeOutcome,
): Promise<void> {
  try {
    const host = thisHost();
    const outcome = await exclusively(host, () => work(host));
    if (json) printLine(outcome);
    else process.stdout.write(asCalled(describe(outcome)));
    process.exitCode = outcome.code;
  } catch (error) {
    if (json) printLine({ ...nothing, outcome: 'failed', reason: describeError(error) });
    throw error instanceof MienError || !json ? error : new Error(describeError(error), { cause: error });
  }
}

const nothing = { changed: false, version: null, previous: null, gate: [] } as const;

function printLine({ code: _, ...outcome }: Omit<Outcome, 'code'> & { readonly code?: number }): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

/** For people: one line, and what the gate found. */
export function describeOutcome({ outcome, version, reason, gate }: Outcome): string {
  const says = reason === null ? '' : `: ${reason}`;
  return `${titles[outcome]} (Mien ${version ?? 'is not installed'})${says}\n${describeChecks(gate)}`;
}

/** What a gate found: `-` was not judged. */
export function describeChecks(gate: readonly GateCheck[]): string {
  const sign = (ok: boolean | null) => (ok === null ? '-   ' : ok ? 'ok  ' : 'FAIL');
  return gate.map(({ check, ok, message }) => `${sign(ok)}  ${check.padEnd(9)}  ${message}\n`).join('');
}

const titles: Readonly<Record<Outcome['outcome'], string>> = {
  installed: 'Installed',
  updated: 'Updated',
  unchanged: 'Nothing to change',
  'rolled-back': 'Rolled back',
  postponed: 'Postponed',
  uninstalled: 'Uninstalled',
  failed: 'Failed',
};

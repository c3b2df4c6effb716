import type { ModelCard } from '../classify/card.ts';
import { describeError } from '../core/errors.ts';
import { packageVersion } from '../core/paths.ts';
import type { LogRing } from './log-ring.ts';
import { supportBundle } from './support-bundle.ts';

/** What a support bundle holds beside what the caller gives. */
export interface BundleSources {
  readonly logs: LogRing;
  readonly modelCard: () => ModelCard;
  readonly stages: () => unknown;
  /** What `mien doctor` finds. */
  readonly doctor: () => Promise<unknown>;
}

/** Collects a bundle; a part that fails is in it as its fault. */
export async function collectBundle(
  { logs, modelCard, stages, doctor }: BundleSources,
  parts: Readonly<Record<string, unknown>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return supportBundle({
    version: packageVersion,
    ...parts,
    performance: stages(),
    log: logs.lines({ level: 'debug', limit: 10_000 }),
    model: await orFault(modelCard),
    doctor: await orFault(doctor),
  });
}

async function orFault(make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    return { fault: describeError(error) };
  }
}

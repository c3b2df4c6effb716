import { describeError } from '../core/errors.ts';
import type { ModelCard } from '../core/model-card.ts';
import { packageVersion } from '../core/paths.ts';
import type { LogRing } from './log-ring.ts';
import { supportBundle } from './support-bundle.ts';

/** Contents of a support bundle besides the caller's parts. */
export interface BundleSources {
  readonly logs: LogRing;
  readonly modelCard: () => ModelCard;
  readonly stages: () => unknown;
  /** The findings of `mien doctor`. */
  readonly doctor: () => Promise<unknown>;
}

/** Makes a bundle. For a part that cannot be read, the bundle holds the fault. */
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

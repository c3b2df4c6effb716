import type { LoadedConfig } from '../config/load.ts';
import { type BundleSources, collectBundle } from './bundle-parts.ts';
import { LogRing } from './log-ring.ts';

export interface RecordsDeps {
  /** The newest lines of the log; none by default. */
  readonly logs?: LogRing;
  /** The findings of `mien doctor`; none by default. */
  readonly doctor?: BundleSources['doctor'];
  /** The origin of the configuration. */
  readonly origin?: Pick<LoadedConfig, 'file' | 'sources'>;
}

/** The log, the origin of the configuration and the support bundle, for operators. */
export function operatorRecords(
  { logs = new LogRing(), doctor = async () => undefined, origin }: RecordsDeps,
  { modelCard, stages }: Pick<BundleSources, 'modelCard' | 'stages'>,
) {
  return {
    logs: (query: Parameters<LogRing['lines']>[0]) => logs.lines(query),
    sources: origin?.sources ?? new Map<string, string>(),
    configFile: origin?.file,
    supportBundle: (parts: Readonly<Record<string, unknown>>) =>
      collectBundle({ logs, modelCard, stages, doctor }, parts),
  };
}

import { createHash } from 'node:crypto';
import { maskValue } from './mask.ts';
import type { Config } from './schema.ts';
import { settings, valueAt } from './settings.ts';

/**
 * Id of a configuration: 12 hex digits, the same for the same settings. Secrets are masked first, so the id reveals
 * nothing about them, and another password does not change it.
 */
export function configId(config: Config): string {
  const shown = settings.map(({ path }) => [path, maskValue(path, valueAt(config, path))]);
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 12);
}

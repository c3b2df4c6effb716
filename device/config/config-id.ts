import { createHash } from 'node:crypto';
import { maskValue } from './mask.ts';
import type { Config } from './schema.ts';
import { settings, valueAt } from './settings.ts';

/** A cache, because the id is requested once a second. */
const ids = new WeakMap<Config, string>();

/**
 * Names a configuration: the first 8 digits of the SHA-256 of its values without `device.name`, so that devices of a fleet
 * with the same settings have the same id. Secrets are masked first, so the id reveals nothing about them, and another password
 * does not change it.
 */
export function configId(config: Config): string {
  const known = ids.get(config);
  if (known !== undefined) return known;
  const values = settings
    .filter(({ path }) => path !== 'device.name')
    .map(({ path }) => [path, maskValue(path, valueAt(config, path)) ?? null]);
  const id = createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 8);
  ids.set(config, id);
  return id;
}

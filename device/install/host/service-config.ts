import { resolve } from 'node:path';
import { loadConfigWithSources } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { Host } from './host.ts';

/**
 * The configuration of the service: its file, and its credentials. Variables that a drop-in of the unit sets are not seen:
 * settings belong into the file.
 *
 * @param file another file, to check it before it is put into place
 * @throws MienError with every mistake
 */
export function serviceConfig({ at }: Host, file = at.config): Config {
  const { config } = loadConfigWithSources({ file, env: { CREDENTIALS_DIRECTORY: at.credentials } });
  return config;
}

/** Path of the database; a relative `dataDir` is below the working folder of the service. */
export function databaseOf({ at }: Host, { dataDir }: Config): string {
  return resolve(at.data, dataDir, 'mien.db');
}

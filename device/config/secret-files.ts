import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { describeError } from '../core/errors.ts';
import { readSmallFile } from '../core/small-file.ts';
import type { Assignment } from './assignment.ts';
import { type Setting, settings } from './settings.ts';

/** The longest password of MQTT, in bytes. */
const maxBytes = 65_535;
const suffix = '_FILE';
const secrets = settings.filter(({ secret }) => secret);

/** Variables that name the file of a secret: `MIEN_MQTT_PASSWORD_FILE`. */
export const fileVariables: readonly string[] = secrets.map(fileVariableOf);

export function fileVariableOf({ variable }: Setting): string {
  return variable + suffix;
}

/** The secret whose file this variable names. */
export function secretOfFileVariable(variable: string): Setting | undefined {
  return secrets.find((setting) => fileVariableOf(setting) === variable);
}

/** The file of a secret whose source is a variable for its file. */
export function secretFileIn(setting: Setting, source = ''): string | undefined {
  const start = `${fileVariableOf(setting)}=`;
  return source.startsWith(start) ? source.slice(start.length) : undefined;
}

/**
 * The secret in the file that a variable names.
 *
 * @param mistakes gets a line with the remedy if the file cannot be used, or if the secret is also in the environment
 */
export function fromSecretFile(setting: Setting, env: NodeJS.ProcessEnv, mistakes: string[]): Assignment[] {
  const variable = fileVariableOf(setting);
  if (env[setting.variable]) {
    mistakes.push(
      `${setting.path}: expected ${setting.variable} or ${variable}, got both; unset one (from the environment)`,
    );
    return [];
  }
  return read(setting, env[variable]!, variable, mistakes);
}

/**
 * The secrets among the credentials that systemd passes to a service (`LoadCredential=mqtt.password:/etc/mien/password`). Each
 * is a file named after its setting. Other files are credentials for something else.
 */
export function fromCredentials(env: NodeJS.ProcessEnv, mistakes: string[]): Assignment[] {
  const folder = env.CREDENTIALS_DIRECTORY;
  if (!folder) return [];
  return secrets.flatMap((setting) =>
    read(setting, join(folder, setting.path), 'a systemd credential', mistakes, true),
  );
}

function read(setting: Setting, file: string, from: string, mistakes: string[], isOptional = false): Assignment[] {
  try {
    const bytes = readSmallFile(file, maxBytes);
    if (!isUtf8(bytes)) throw new Error('expected text in UTF-8');
    // Editors and `echo` end a file with a line break.
    const value = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (value === '') throw new Error('expected a secret, got an empty file');
    return [{ path: setting.path, value, source: isOptional ? file : `${from}=${file}` }];
  } catch (error) {
    if (isOptional && (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    mistakes.push(
      `${setting.path}: expected a file with the secret, got ${file} (${describeError(error)}); correct the file or its permissions (from ${from})`,
    );
    return [];
  }
}

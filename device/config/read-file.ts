import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import { exitCode, MienError } from '../core/errors.ts';

/**
 * The file to read: the path of the flag, or MIEN_CONFIG, or ./mien.yaml, or /etc/mien/mien.yaml, in this order.
 *
 * @returns undefined without a path and without a file in the usual places: the defaults apply.
 * @throws MienError (noInput) if a given path does not exist; (noPermission) if a usual place is closed to this user.
 */
export function findConfigFile(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
  usual: readonly string[] = ['mien.yaml', '/etc/mien/mien.yaml'],
): string | undefined {
  const given = named ?? (env.MIEN_CONFIG || undefined);
  if (given === undefined) return usual.find(isThere);
  if (existsSync(given)) return given;
  throw new MienError(`Configuration file ${resolve(given)} does not exist`, {
    code: exitCode.noInput,
    remedy: 'Give the path of an existing file, or write one with: mien config init',
  });
}

/** A folder that this user may not enter could hold the file: the defaults instead of it would be wrong. */
function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EACCES') return false;
    throw new MienError(`Configuration file ${resolve(file)} cannot be read by this user`, {
      code: exitCode.noPermission,
      remedy: 'Run it with sudo, or give another file with --config',
      cause,
    });
  }
}

/** A YAML mapping, in two forms. */
export interface ConfigFile {
  /** Numbers, booleans and texts, as YAML reads them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Each scalar as the text in the file: `007`, `1e3`, `2026-01-01`, `no`. */
  readonly texts: Readonly<Record<string, unknown>>;
}

const nothing: ConfigFile = { values: {}, texts: {} };

/**
 * Content of the file; nothing for an empty one.
 *
 * @throws MienError if the file cannot be read or is not a YAML mapping. The message has the number of the line but not its
 * text, which may hold a secret.
 */
export function readConfigFile(file: string): ConfigFile {
  const text = readText(file);
  // The parser finds no document in a file of comments only, such as the one that `config init` writes.
  if (text.split('\n').every((line) => /^\s*(#.*|---\s*)?$/.test(line))) return nothing;
  const content = parse(file, text);
  if (content === null || content === undefined) return nothing;
  if (isMapping(content)) return { values: content, texts: textsOf(text) };
  throw new MienError(
    `${file}: expected settings such as "camera:", got ${Array.isArray(content) ? 'a list' : 'a value'}`,
    {
      code: exitCode.config,
      remedy: 'See the settings with: mien config reference',
    },
  );
}

function readText(file: string): string {
  try {
    // Editors on Windows write a byte order mark, and CR LF at the end of a line.
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll(/\r\n?/g, '\n');
  } catch (error) {
    throw new MienError(`Configuration file ${file} cannot be read: ${(error as Error).message}`, {
      code: exitCode.noInput,
      remedy: 'Give the path of a file that this user can read',
      cause: error,
    });
  }
}

function isMapping(content: unknown): content is Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content);
}

/** Empty if the file uses tags of YAML (`!!int`), which this schema does not know. */
function textsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = load(text, { schema: FAILSAFE_SCHEMA });
    return isMapping(content) ? content : {};
  } catch {
    return {};
  }
}

function parse(file: string, text: string): unknown {
  try {
    return load(text, { filename: file });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark ? `line ${error.mark.line + 1}, column ${error.mark.column + 1}: ` : '';
    throw new MienError(`${file}: ${line}not YAML: ${error.reason}`, {
      code: exitCode.config,
      remedy: 'Check the indentation; see the settings with: mien config reference',
    });
  }
}

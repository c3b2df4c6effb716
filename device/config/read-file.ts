import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import { exitCode, MienError } from '../core/errors.ts';

/**
 * The file to read: the one named by a flag, else by MIEN_CONFIG, else ./mien.yaml, else /etc/mien/mien.yaml.
 *
 * @returns undefined when none was named and none is there: the defaults do.
 * @throws MienError (noInput) when the one that was named is not there.
 */
export function findConfigFile(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
  usual: readonly string[] = ['mien.yaml', '/etc/mien/mien.yaml'],
): string | undefined {
  const asked = named ?? (env.MIEN_CONFIG || undefined);
  if (asked === undefined) return usual.find((file) => existsSync(file));
  if (existsSync(asked)) return asked;
  throw new MienError(`Configuration file ${resolve(asked)} does not exist`, {
    code: exitCode.noInput,
    remedy: 'Name one that does, or write one with: mien config init',
  });
}

/** A YAML mapping, twice. */
export interface ConfigFile {
  /** Numbers, booleans and texts as YAML takes them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Each scalar as the text that stands in the file: `007`, `1e3`, `2026-01-01`, `no`. */
  readonly texts: Readonly<Record<string, unknown>>;
}

const nothing: ConfigFile = { values: {}, texts: {} };

/**
 * What the file says; an empty one says nothing.
 *
 * @throws MienError when it cannot be read, or is not a YAML mapping. The line is named, its text is not shown: it may
 * hold a secret.
 */
export function readConfigFile(file: string): ConfigFile {
  const text = readText(file);
  // A file of comments only, as `config init` writes it, is no document to the parser.
  if (text.split('\n').every((line) => /^\s*(#.*|---\s*)?$/.test(line))) return nothing;
  const content = parse(file, text);
  if (content === null || content === undefined) return nothing;
  if (isMapping(content)) return { values: content, texts: textsOf(text) };
  throw new MienError(
    `${file}: expected settings such as "camera:", got ${Array.isArray(content) ? 'a list' : 'a value'}`,
    {
      code: exitCode.config,
      remedy: 'See how it is written with: mien config reference',
    },
  );
}

function readText(file: string): string {
  try {
    // As editors on Windows write it: with a byte order mark, lines ending in CR LF.
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll(/\r\n?/g, '\n');
  } catch (error) {
    throw new MienError(`Configuration file ${file} cannot be read: ${(error as Error).message}`, {
      code: exitCode.noInput,
      remedy: 'Make it a file that this user may read',
      cause: error,
    });
  }
}

function isMapping(content: unknown): content is Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content);
}

/** None where the file uses YAML's own tags (`!!int`), which only say something to the other reading. */
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
      remedy: 'Mind the spaces before each line; see how it is written with: mien config reference',
    });
  }
}

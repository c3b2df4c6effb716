import { homedir } from 'node:os';
import { exitCode, MienError } from '../core/errors.ts';
import type { Assignment } from './assignment.ts';
import { maskValue } from './mask.ts';
import { profileMistakes } from './profiles.ts';
import { findConfigFile, readConfigFile } from './read-file.ts';
import { type Config, configSchema } from './schema.ts';
import { fileVariables, fromCredentials, fromSecretFile, secretOfFileVariable } from './secret-files.ts';
import {
  findSetting,
  findSettingOfVariable,
  isSection,
  otherVariables,
  type Setting,
  settings,
  valueAt,
} from './settings.ts';
import { suggest } from './suggest.ts';

/** Values of the command line. */
export interface ConfigFlags {
  /** Each `path=value`, from `--set`. */
  readonly set?: readonly string[];
  /** Values of dedicated flags, as a part of the configuration: `{ http: { port: 9000 } }`. Undefined values are ignored. */
  readonly values?: Readonly<Record<string, unknown>>;
}

export interface ConfigInputs {
  /** Path of the file; the usual places without it. */
  readonly file?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags?: ConfigFlags;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** Source of each value that is not a default: `mien.yaml`, `MIEN_HTTP_PORT`, `--set`. */
  readonly sources: ReadonlyMap<string, string>;
  /** Mistakes that do not end a service: unknown variables. */
  readonly warnings: readonly string[];
}

/** The configuration: file < credentials of systemd < environment < flags, each value checked. */
export function loadConfig(inputs: ConfigInputs): Config {
  return loadConfigWithSources(inputs).config;
}

/**
 * Does the same as `loadConfig`, and returns the source of each value.
 *
 * @throws MienError (config) that lists every mistake, one per line, with path, expected and given value.
 */
export function loadConfigWithSources({ file, env, flags = {} }: ConfigInputs): LoadedConfig {
  const found = findConfigFile(file, env);
  const mistakes: string[] = [];
  const warnings: string[] = [];
  // A variable of a unit or of systemd's own environment may be for another version. It must not end a device that nobody attends.
  const unknownVariables = env.INVOCATION_ID ? warnings : mistakes;
  const assignments = [
    ...(found === undefined ? [] : fromFile(found, mistakes)),
    ...fromCredentials(env, mistakes),
    ...fromEnvironment(env, mistakes, unknownVariables),
    ...fromFlags(flags, mistakes),
  ].map((assignment) => withHome(assignment, mistakes));
  // A later source replaces an earlier one before the check: a value that is overridden may be wrong.
  const effective = new Map(assignments.map((assignment) => [assignment.path, assignment]));
  const parsed = configSchema.safeParse(nest(effective.values()));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) mistakes.push(explain(issue, effective));
  } else mistakes.push(...profileMistakes(parsed.data.profiles));
  if (mistakes.length > 0 || !parsed.success) throw invalid(mistakes);
  return {
    config: parsed.data,
    file: found,
    sources: new Map([...effective.values()].map(({ path, source }) => [path, source])),
    warnings,
  };
}

function fromFile(file: string, mistakes: string[]): Assignment[] {
  const { values, texts } = readConfigFile(file);
  return (
    flatten(values, file, mistakes)
      .map((assignment) => ({ ...assignment, value: asMeant(assignment, texts) }))
      // An optional setting without a value: `username:`
      .filter(({ path, value }) => value !== null || !findSetting(path)?.optional)
  );
}

/**
 * A setting of type text gets the text of the file: YAML would read `007`, `1e3`, `2026-01-01` and `no` as numbers, a date
 * and a boolean. An empty scalar is no value.
 */
function asMeant({ path, value }: Assignment, texts: Readonly<Record<string, unknown>>): unknown {
  const { type } = findSetting(path)!;
  if (type !== 'string' && type !== 'array') return value;
  const text = valueAt(texts, path) ?? value ?? '';
  if (type === 'array') return typeof text === 'string' ? listOf(text) : text;
  return isScalar(value) && text !== '' ? String(text) : value;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null || value instanceof Date;
}

/** Expands `~/`: shells do, files and services do not. */
function withHome(assignment: Assignment, mistakes: string[]): Assignment {
  const { path, value, source } = assignment;
  if (typeof value !== 'string' || !value.startsWith('~') || !findSetting(path)?.isPath) return assignment;
  if (value === '~' || value.startsWith('~/')) return { ...assignment, value: homedir() + value.slice(1) };
  mistakes.push(`${path}: expected a path or one that begins with ~/, got ${show(path, value)} (from ${source})`);
  return assignment;
}

/** Each leaf of a nested object that is a setting. Any other leaf becomes a mistake. */
function flatten(object: Readonly<Record<string, unknown>>, source: string, mistakes: string[], at = ''): Assignment[] {
  return Object.entries(object).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const path = at === '' ? key : `${at}.${key}`;
    const setting = findSetting(path);
    if (setting) {
      return [{ path, value, source }];
    }
    if (!isSection(path)) {
      mistakes.push(unknown(path, source));
      return [];
    }
    if (value === null) return []; // A section whose settings are all commented out.
    if (typeof value === 'object' && !Array.isArray(value)) {
      return flatten(value as Record<string, unknown>, source, mistakes, path);
    }
    mistakes.push(`${path}: expected settings below it, got ${show(path, value)} (from ${source})`);
    return [];
  });
}

function fromEnvironment(env: NodeJS.ProcessEnv, mistakes: string[], unknownVariables: string[]): Assignment[] {
  return Object.entries(env).flatMap(([variable, text]) => {
    // An empty variable counts as unset: service managers and compose files pass empty ones.
    if (!variable.startsWith('MIEN_') || variable in otherVariables || text === undefined || text === '') return [];
    const setting = findSettingOfVariable(variable);
    if (setting) return [{ path: setting.path, value: coerce(setting, text), source: variable }];
    const inFile = secretOfFileVariable(variable);
    if (inFile) return fromSecretFile(inFile, env, mistakes);
    const variables = [...settings.map((one) => one.variable), ...fileVariables, ...Object.keys(otherVariables)];
    const near = suggest(variable, variables);
    unknownVariables.push(
      `${variable}: no such setting${near ? `, did you mean ${near}?` : ''} (from the environment)`,
    );
    return [];
  });
}

function fromFlags({ set = [], values = {} }: ConfigFlags, mistakes: string[]): Assignment[] {
  const assigned = set.flatMap((text) => {
    const at = text.indexOf('=');
    const path = at < 0 ? text : text.slice(0, at);
    const setting = findSetting(path);
    if (!setting) {
      mistakes.push(unknown(path, '--set'));
      return [];
    }
    if (at < 0) {
      mistakes.push(`${path}: expected --set ${path}=VALUE, got no value (from --set)`);
      return [];
    }
    return [{ path, value: coerce(setting, text.slice(at + 1)), source: '--set' }];
  });
  return [...assigned, ...flatten(values, 'a flag', mistakes)];
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** Converts a text to the type of the setting. A text that does not convert stays a text, which the check refuses. */
function coerce(setting: Setting, text: string): unknown {
  if (setting.type === 'boolean') return words[text.toLowerCase()] ?? text;
  if (setting.type === 'string') return text;
  if (setting.type === 'array') return listOf(text);
  if (setting.type === 'object') return fromJson(text);
  const number = Number(text);
  return text.trim() === '' || !Number.isFinite(number) ? text : number;
}

/** A text that is no JSON stays a text, which the check refuses. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `a, b` */
function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function nest(assignments: Iterable<Assignment>): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const { path, value } of assignments) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let at = whole;
    for (const key of keys) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return whole;
}

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function explain(issue: Issue, effective: ReadonlyMap<string, Assignment>): string {
  // For an item of a list, name the setting, not the index.
  const path = issue.path.filter((key) => typeof key !== 'number').join('.');
  const setting = findSetting(path);
  if (!setting) return `${path || 'configuration'}: ${issue.message}`;
  // A pattern has a message of its own. zod's messages are replaced by the bounds.
  const expected = issue.code === 'invalid_format' || issue.code === 'custom' ? issue.message : setting.expected;
  const given = effective.get(path);
  return `${path}: expected ${expected}, got ${show(path, given ? given.value : setting.default)} (from ${given?.source ?? 'the default'})`;
}

function unknown(path: string, source: string): string {
  const paths = settings.map((setting) => setting.path);
  const lastKey = path.split('.').at(-1)!;
  // The right key in the wrong section, or a misspelt one.
  const near = paths.find((candidate) => candidate.endsWith(`.${lastKey}`)) ?? suggest(path, paths);
  return `${path}: no such setting${near ? `, did you mean ${near}?` : ''} (from ${source})`;
}

function show(path: string, value: unknown): string {
  const text = JSON.stringify(maskValue(path, value)) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function invalid(mistakes: readonly string[]): MienError {
  const [only] = mistakes;
  const message =
    mistakes.length === 1
      ? `Configuration: ${only}`
      : `Configuration has ${mistakes.length} mistakes:\n  ${mistakes.join('\n  ')}`;
  return new MienError(message, { code: exitCode.config, remedy: 'See all settings with: mien config reference' });
}

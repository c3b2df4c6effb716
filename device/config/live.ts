import { dump } from 'js-yaml';
import { describeError } from '../core/errors.ts';
import { type LiveSettingsPatch, livePaths } from './live-settings.ts';
import type { IgnoredOverride, OverrideStore } from './overrides.ts';
import type { Config } from './schema.ts';
import { valueAt } from './settings.ts';

type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** State of the overrides. */
export interface OverrideState {
  /** Paths of the overridden settings. */
  readonly paths: readonly string[];
  /** False if the overrides end with the daemon. */
  readonly isKept: boolean;
  /** Fault of the file, and where the file was moved to. */
  readonly fault: string | undefined;
  readonly ignored: readonly IgnoredOverride[];
}

/**
 * The configuration in force: overrides, which operators make while the daemon runs, before flags, environment and file.
 * Overrides have a file of their own: the daemon never writes its own configuration.
 */
export class LiveConfig {
  readonly #configured: Config;
  readonly #store: OverrideStore | undefined;
  readonly #listeners = new Set<(config: Config) => void>();
  readonly #overrides: Map<string, unknown>;
  /** Changes that are not on the disk yet; the next change writes them again. */
  readonly #pending = new Map<string, unknown>();
  #ignored: readonly IgnoredOverride[];
  #fault: string | undefined;
  #current: Config;

  /** @param store keeps overrides across restarts; without it they end with the daemon */
  constructor(configured: Config, store?: OverrideStore) {
    this.#configured = configured;
    this.#store = store;
    this.#overrides = new Map(store?.loaded.values);
    this.#ignored = store?.loaded.ignored ?? [];
    this.#fault = store?.loaded.fault;
    this.#current = withOverrides(configured, this.#overrides);
  }

  get current(): Config {
    return this.#current;
  }

  /** Values of the live settings: in force now, and as configured. */
  get values(): { readonly now: Values; readonly configured: Values } {
    return { now: valuesOf(this.#current), configured: valuesOf(this.#configured) };
  }

  /** The configured value of a setting, without its override. */
  configured(path: string): unknown {
    return valueAt(this.#configured, path);
  }

  get overrides(): OverrideState {
    return {
      paths: livePaths.filter((path) => this.#overrides.has(path)),
      isKept: this.#store !== undefined && this.#pending.size === 0,
      fault: this.#fault,
      ignored: this.#ignored,
    };
  }

  /** The overrides as YAML, in the form of mien.yaml. */
  get yaml(): string {
    const { paths } = this.overrides;
    return paths.length === 0 ? '' : dump(nest(paths, this.#current));
  }

  /** Overrides these settings. A setting that gets its configured value loses its override. */
  change(patch: LiveSettingsPatch): void {
    const changes = new Map<string, unknown>();
    for (const [section, values] of Object.entries(patch)) {
      for (const [key, value] of Object.entries(values ?? {})) {
        const path = `${section}.${key}`;
        if (value === undefined || value === valueAt(this.#current, path)) continue;
        changes.set(path, value === this.configured(path) ? undefined : value);
      }
    }
    this.#apply(changes);
  }

  /** Drops an override. @param path of the setting; all overrides without it */
  reset(path?: string): void {
    const known = [...this.#overrides.keys(), ...this.#ignored.map((each) => each.path)];
    const dropped = known.filter((each) => path === undefined || each === path);
    this.#ignored = this.#ignored.filter((each) => !dropped.includes(each.path));
    this.#apply(new Map(dropped.map((each) => [each, undefined])));
  }

  /** Calls the listener after each change. */
  subscribe(listener: (config: Config) => void): void {
    this.#listeners.add(listener);
  }

  #apply(changes: ReadonlyMap<string, unknown>): void {
    for (const [path, value] of changes) {
      this.#pending.set(path, value);
      if (value === undefined) this.#overrides.delete(path);
      else this.#overrides.set(path, value);
    }
    const before = this.#current;
    this.#current = withOverrides(this.#configured, this.#overrides);
    this.#keep();
    if (JSON.stringify(before) === JSON.stringify(this.#current)) return;
    for (const listener of this.#listeners) listener(this.#current);
  }

  /** A change that cannot be written holds until the daemon ends. The next change writes it again. */
  #keep(): void {
    if (!this.#store || this.#pending.size === 0) return;
    try {
      this.#store.keep(this.#pending);
      this.#pending.clear();
      this.#fault = undefined;
    } catch (error) {
      this.#fault = `${this.#store.file} cannot be written (${describeError(error)}). Make its folder writable for this user, then change a setting again`;
    }
  }
}

function withOverrides(config: Config, overrides: ReadonlyMap<string, unknown>): Config {
  const changed = structuredClone(config) as unknown as Record<string, Record<string, unknown>>;
  for (const [path, value] of overrides) {
    const [section, key] = path.split('.') as [string, string];
    changed[section]![key] = value;
  }
  return changed as unknown as Config;
}

function valuesOf(config: Config): Values {
  return nest(livePaths, config);
}

/** Values of these paths, by section. */
function nest(paths: readonly string[], config: Config): Record<string, Record<string, unknown>> {
  const nested: Record<string, Record<string, unknown>> = {};
  for (const path of paths) {
    const [section, key] = path.split('.') as [string, string];
    nested[section] = { ...nested[section], [key]: valueAt(config, path) };
  }
  return nested;
}

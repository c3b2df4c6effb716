import { dump } from 'js-yaml';
import { describeError } from '../core/errors.ts';
import { type LiveSettingsPatch, livePaths } from './live-settings.ts';
import { type IgnoredOverride, type OverrideStore, profileEntry } from './overrides.ts';
import { profileValues } from './profiles.ts';
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
  #profile: string | undefined;
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
    this.#profile = store?.loaded.profile;
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

  /** Name of the active profile. It stays active while an operator changes single settings. */
  get profile(): string | undefined {
    return this.#profile !== undefined && Object.hasOwn(this.#configured.profiles, this.#profile)
      ? this.#profile
      : undefined;
  }

  /** Names of the configured profiles. */
  get profiles(): readonly string[] {
    return Object.keys(this.#configured.profiles);
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

  /**
   * Drops the overrides of the present profile that still have its value, and overrides the settings of this one.
   *
   * @param name undefined for no profile
   * @throws MienError if no such profile is configured
   */
  applyProfile(name: string | undefined): void {
    const { profiles } = this.#configured;
    const values = name === undefined ? new Map<string, unknown>() : profileValues(profiles, name);
    const before = this.profile === undefined ? new Map<string, unknown>() : profileValues(profiles, this.profile);
    const changes = new Map<string, unknown>();
    for (const [path, value] of before) if (valueAt(this.#current, path) === value) changes.set(path, undefined);
    for (const [path, value] of values) changes.set(path, value === this.configured(path) ? undefined : value);
    this.#apply(changes.set(profileEntry, name));
  }

  /** Drops an override. @param path of the setting; all overrides without it */
  reset(path?: string): void {
    const known = [...this.#overrides.keys(), ...this.#ignored.map((each) => each.path)];
    const dropped = known.filter((each) => path === undefined || each === path);
    this.#ignored = this.#ignored.filter((each) => !dropped.includes(each.path));
    // Without any override no profile is in force.
    const all = path === undefined ? [...dropped, profileEntry] : dropped;
    this.#apply(new Map(all.map((each) => [each, undefined])));
  }

  /** Calls the listener after each change of a value or of the profile. */
  subscribe(listener: (config: Config) => void): void {
    this.#listeners.add(listener);
  }

  #apply(changes: ReadonlyMap<string, unknown>): void {
    for (const [path, value] of changes) {
      this.#pending.set(path, value);
      if (path === profileEntry) this.#profile = value as string | undefined;
      else if (value === undefined) this.#overrides.delete(path);
      else this.#overrides.set(path, value);
    }
    const before = this.#current;
    const isProfileChange = changes.has(profileEntry);
    this.#current = withOverrides(this.#configured, this.#overrides);
    this.#keep();
    if (!isProfileChange && JSON.stringify(before) === JSON.stringify(this.#current)) return;
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

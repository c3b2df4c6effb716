import type { Config } from '../../../../../device/config/schema.ts';
import type { Unit } from '../../../../../device/config/settings.ts';

/** Paths of the leaves of the configuration: `camera.fps`. */
type PathsOf<Section, Before extends string = ''> = {
  [Key in keyof Section & string]: NonNullable<Section[Key]> extends string | number | boolean | readonly unknown[]
    ? `${Before}${Key}`
    : string extends keyof NonNullable<Section[Key]>
      ? `${Before}${Key}`
      : PathsOf<NonNullable<Section[Key]>, `${Before}${Key}.`>;
}[keyof Section & string];

export type SettingPath = PathsOf<Config>;

/** All texts about settings. A setting without its texts does not compile. */
export interface SettingMessages {
  readonly titles: Readonly<Record<SettingPath, string>>;
  /** Descriptions of settings. English needs few, because the device has its own in English. */
  readonly descriptions: Readonly<Partial<Record<SettingPath, string>>>;
  /** Names of the choices, for settings that can be changed here. */
  readonly options: {
    readonly 'camera.flip': Readonly<Record<Config['camera']['flip'], string>>;
    readonly 'classify.sensitivity': Readonly<Record<Config['classify']['sensitivity'], string>>;
    readonly 'kiosk.language': Readonly<Record<Config['kiosk']['language'], string>>;
    readonly 'kiosk.theme': Readonly<Record<Config['kiosk']['theme'], string>>;
    readonly 'log.level': Readonly<Record<Config['log']['level'], string>>;
  };
  /** Units as they stand behind a number. */
  readonly units: Readonly<Record<Unit, string>>;
  /** Formats of texts, for settings that require one. */
  readonly formats: Readonly<Record<'kiosk.night', string>>;
  /** Expected values, shown beside a refused one. `unit` is empty for a setting without a unit. */
  readonly expected: {
    readonly number: (min: string, max: string, unit: string) => string;
    readonly integer: (min: string, max: string, unit: string) => string;
    readonly multiple: (of: string) => string;
    readonly letters: (max: string) => string;
    readonly option: (options: string) => string;
  };
}

/** Messages of a language other than English, where each setting is described. */
export type TranslatedSettings = SettingMessages & { readonly descriptions: Readonly<Record<SettingPath, string>> };

import type { Config } from '../../../../../device/config/schema.ts';
import type { Unit } from '../../../../../device/config/settings.ts';

/** Paths of the leaves of the configuration: `camera.fps`. */
type PathsOf<Section, Before extends string = ''> = {
  [Key in keyof Section & string]: NonNullable<Section[Key]> extends string | number | boolean | readonly unknown[]
    ? `${Before}${Key}`
    : PathsOf<NonNullable<Section[Key]>, `${Before}${Key}.`>;
}[keyof Section & string];

export type SettingPath = PathsOf<Config>;

/** All that the page says of settings. A setting without its texts does not compile. */
export interface SettingMessages {
  readonly titles: Readonly<Record<SettingPath, string>>;
  /** What a setting does. English needs none: the device describes itself in it. */
  readonly descriptions: Readonly<Partial<Record<SettingPath, string>>>;
  /** The choices of those that can be changed here. */
  readonly options: {
    readonly 'camera.flip': Readonly<Record<Config['camera']['flip'], string>>;
    readonly 'classify.sensitivity': Readonly<Record<Config['classify']['sensitivity'], string>>;
    readonly 'kiosk.language': Readonly<Record<Config['kiosk']['language'], string>>;
    readonly 'kiosk.theme': Readonly<Record<Config['kiosk']['theme'], string>>;
    readonly 'log.level': Readonly<Record<Config['log']['level'], string>>;
  };
  /** As they stand behind a number. */
  readonly units: Readonly<Record<Unit, string>>;
  /** What a text must look like, for those that must look like something. */
  readonly formats: Readonly<Record<'kiosk.night', string>>;
  /** What a setting expects, beside a value that is refused. `unit` is empty where there is none. */
  readonly expected: {
    readonly number: (least: string, most: string, unit: string) => string;
    readonly integer: (least: string, most: string, unit: string) => string;
    readonly multiple: (of: string) => string;
    readonly letters: (most: string) => string;
    readonly option: (options: string) => string;
  };
}

/** Messages of a language other than English, where each setting is described. */
export type TranslatedSettings = SettingMessages & { readonly descriptions: Readonly<Record<SettingPath, string>> };

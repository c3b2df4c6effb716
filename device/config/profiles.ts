import { exitCode, MienError } from '../core/errors.ts';
import { liveField } from './live-settings.ts';
import type { Config } from './schema.ts';
import { findSetting } from './settings.ts';

/** Says in commands and answers that no profile is active. */
export const noProfile = 'none';

export type Profiles = Config['profiles'];

const nameForm = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Each mistake in the profiles of a configuration, in one line. */
export function profileMistakes(profiles: Profiles): string[] {
  return Object.entries(profiles).flatMap(([name, values]) => [
    ...(nameForm.test(name) && name !== noProfile
      ? []
      : [`profiles: expected a name of lowercase letters, digits and -, other than none, got ${JSON.stringify(name)}`]),
    ...Object.entries(values).flatMap(([path, value]) => mistakeIn(`profiles.${name}.${path}`, path, value)),
  ]);
}

function mistakeIn(at: string, path: string, value: unknown): string[] {
  const field = liveField(path);
  if (!field) return [`${at}: expected a setting that takes effect at once, such as camera.fps`];
  if (field.safeParse(value).success) return [];
  return [`${at}: expected ${findSetting(path)!.expected}, got ${JSON.stringify(value).slice(0, 80)}`];
}

/**
 * The values of a profile, by path.
 *
 * @throws MienError if there is no such profile
 */
export function profileValues(profiles: Profiles, name: string): ReadonlyMap<string, unknown> {
  if (Object.hasOwn(profiles, name)) return new Map(Object.entries(profiles[name]!));
  const names = [...Object.keys(profiles), noProfile].join(', ');
  throw new MienError(`Expected one of the profiles ${names}, got ${JSON.stringify(name).slice(0, 80)}`, {
    code: exitCode.config,
    remedy: 'Define profiles in the section "profiles" of the configuration',
  });
}

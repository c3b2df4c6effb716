import { dump } from 'js-yaml';
import { z } from 'zod';
import { type Config, configSchema } from './schema.ts';

const { camera, detect, classify, track, http, kiosk, log } = configSchema.shape;

/** Any of these fields, with the bounds of the configuration and without its defaults. */
function anyOf<Shape extends Record<string, z.ZodDefault>>(shape: Shape) {
  const fields = Object.entries(shape).map(([key, field]) => {
    const { description } = field;
    const inner = field.unwrap() as z.ZodType;
    return [key, (description === undefined ? inner : inner.describe(description)).optional()];
  });
  return z.strictObject(
    Object.fromEntries(fields) as { [Key in keyof Shape]: z.ZodOptional<ReturnType<Shape[Key]['unwrap']>> },
  );
}

function pick<Shape extends object, Key extends keyof Shape>(shape: Shape, ...keys: Key[]): Pick<Shape, Key> {
  return Object.fromEntries(keys.map((key) => [key, shape[key]])) as Pick<Shape, Key>;
}

/**
 * The settings that take effect without a restart of the daemon, as a change of them. Those of the camera open it anew;
 * all others change nothing that is seen but what they are about. None needs another network, see vision/main.ts.
 */
export const liveSettingsPatch = z.strictObject({
  camera: anyOf(pick(camera.unwrap().shape, 'width', 'height', 'fps', 'loop')).optional(),
  detect: anyOf(pick(detect.unwrap().shape, 'minScore', 'minFace', 'inputWidth', 'adaptive')).optional(),
  classify: anyOf(pick(classify.unwrap().shape, 'uncertain', 'sensitivity', 'mirror')).optional(),
  track: anyOf(pick(track.unwrap().shape, 'smoothingMs', 'lostMs')).optional(),
  http: anyOf(pick(http.unwrap().shape, 'jpegQuality', 'streamFps')).optional(),
  kiosk: anyOf(
    pick(
      kiosk.unwrap().shape,
      ...(['title', 'notice', 'language', 'theme', 'textScale'] as const),
      ...(['pixelShift', 'dimAfterMinutes', 'night', 'nightBrightness'] as const),
    ),
  ).optional(),
  log: anyOf(pick(log.unwrap().shape, 'level')).optional(),
});

export type LiveSettingsPatch = z.output<typeof liveSettingsPatch>;
type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const paths = Object.entries(liveSettingsPatch.shape).flatMap(([section, fields]) =>
  Object.keys(fields.unwrap().shape).map((key) => ({ section, key })),
);

/**
 * The configuration as it is in force. What is changed here lasts until the daemon ends: it never writes its own
 * configuration, so that what a fleet is given is what it has.
 */
export class LiveConfig {
  readonly #configured: Config;
  readonly #listeners = new Set<(config: Config) => void>();
  #current: Config;

  constructor(configured: Config) {
    this.#configured = configured;
    this.#current = configured;
  }

  get current(): Config {
    return this.#current;
  }

  /** Those that can be changed, as they are and as they were configured. */
  get values(): { readonly now: Values; readonly configured: Values } {
    return { now: valuesOf(this.#current), configured: valuesOf(this.#configured) };
  }

  /** Paths of those that are not as they were configured. */
  get changed(): readonly string[] {
    return paths.filter((path) => this.#differs(path)).map(({ section, key }) => `${section}.${key}`);
  }

  /** What differs, as the part of mien.yaml that would keep it. */
  get yaml(): string {
    const different: Record<string, Record<string, unknown>> = {};
    for (const { section, key } of paths.filter((path) => this.#differs(path))) {
      different[section] = { ...different[section], [key]: this.values.now[section]?.[key] };
    }
    return Object.keys(different).length === 0 ? '' : dump(different);
  }

  change(patch: LiveSettingsPatch): void {
    const before = this.#current;
    const sections = Object.entries(patch).map(([section, values]) => [
      section,
      { ...(before[section as keyof Config] as object), ...withoutUndefined(values) },
    ]);
    this.#current = { ...before, ...Object.fromEntries(sections) };
    if (JSON.stringify(before) === JSON.stringify(this.#current)) return;
    for (const listener of this.#listeners) listener(this.#current);
  }

  /** Hears of each change. */
  subscribe(listener: (config: Config) => void): void {
    this.#listeners.add(listener);
  }

  #differs({ section, key }: { section: string; key: string }): boolean {
    const { now, configured } = this.values;
    return now[section]?.[key] !== configured[section]?.[key];
  }
}

function valuesOf(config: Config): Values {
  const values: Record<string, Record<string, unknown>> = {};
  for (const { section, key } of paths) {
    const whole = config[section as keyof Config] as Record<string, unknown>;
    values[section] = { ...values[section], [key]: whole[key] };
  }
  return values;
}

function withoutUndefined(values: object = {}): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

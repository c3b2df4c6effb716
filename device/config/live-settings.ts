import { z } from 'zod';
import { isLive, type LiveField } from './live-field.ts';
import { configSchema } from './schema.ts';

type Sections = typeof configSchema.shape;
/** The fields of a section; a setting outside every section (`dataDir`) has none. */
type FieldsOf<Section> = Section extends z.ZodPrefault<z.ZodObject<infer Fields>> ? Fields : Record<never, never>;
type LiveKeyOf<Fields> = { [Key in keyof Fields]: Fields[Key] extends LiveField ? Key : never }[keyof Fields];

/** The live fields of a section, with their bounds and without their defaults. */
type SectionPatch<Fields> = z.ZodObject<
  {
    [Key in LiveKeyOf<Fields>]: z.ZodOptional<Fields[Key] extends z.ZodDefault<infer Inner> ? Inner : never>;
  },
  z.core.$strict
>;
type PatchShape = {
  [Name in keyof Sections as [LiveKeyOf<FieldsOf<Sections[Name]>>] extends [never] ? never : Name]: z.ZodOptional<
    SectionPatch<FieldsOf<Sections[Name]>>
  >;
};

function patchOf(section: z.ZodType): z.ZodObject<Record<string, z.ZodOptional<z.ZodType>>> | undefined {
  if (!(section instanceof z.ZodPrefault)) return undefined;
  const { shape } = section.unwrap() as z.ZodObject;
  const fields = Object.entries(shape).flatMap(([key, field]) => {
    if (!isLive(field)) return [];
    const inner = field.unwrap() as z.ZodType;
    return [[key, inner.meta(field.meta() ?? {}).optional()] as const];
  });
  return fields.length === 0 ? undefined : z.strictObject(Object.fromEntries(fields));
}

const patches = Object.entries(configSchema.shape).flatMap(([name, section]) => {
  const patch = patchOf(section);
  return patch ? [[name, patch] as const] : [];
});

/**
 * A change of live settings. The schema and its type are derived from the fields that are marked with `live`. A change of a
 * camera setting reopens the camera. No live setting needs another network; see vision/main.ts.
 */
export const liveSettingsPatch = z.strictObject(
  Object.fromEntries(patches.map(([name, patch]) => [name, patch.optional()])) as unknown as PatchShape,
);

export type LiveSettingsPatch = z.output<typeof liveSettingsPatch>;

const fields = new Map<string, z.ZodType>(
  patches.flatMap(([name, patch]) =>
    Object.entries(patch.shape).map(([key, field]) => [`${name}.${key}`, field.unwrap()] as const),
  ),
);

/** Paths of the live settings: `camera.fps`. */
export const livePaths: readonly string[] = [...fields.keys()];

/** The schema of a live setting; undefined for any other path. */
export function liveField(path: string): z.ZodType | undefined {
  return fields.get(path);
}

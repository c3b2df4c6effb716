import { z } from 'zod';
import { configSchema } from './schema.ts';

const { camera, detect, classify, track, http, kiosk, log } = configSchema.shape;

/** Any of these fields, with the bounds of the configuration and without its defaults. */
function anyOf<Shape extends Record<string, z.ZodDefault>>(shape: Shape) {
  const fields = Object.entries(shape).map(([key, field]) => {
    const inner = field.unwrap() as z.ZodType;
    return [key, inner.meta(field.meta() ?? {}).optional()];
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
  camera: anyOf(pick(camera.unwrap().shape, 'width', 'height', 'fps', 'rotate', 'flip', 'loop')).optional(),
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

const fields = new Map<string, z.ZodType>(
  Object.entries(liveSettingsPatch.shape).flatMap(([section, patch]) =>
    Object.entries(patch.unwrap().shape).map(([key, field]) => [
      `${section}.${key}`,
      (field as z.ZodOptional<z.ZodType>).unwrap(),
    ]),
  ),
);

/** Paths of the settings that take effect at once: `camera.fps`. */
export const livePaths: readonly string[] = [...fields.keys()];

/** The schema of one of them; undefined for any other setting. */
export function liveField(path: string): z.ZodType | undefined {
  return fields.get(path);
}

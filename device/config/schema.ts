import { z } from 'zod';
import { camera } from './sections/camera.ts';
import { classify } from './sections/classify.ts';
import { detect } from './sections/detect.ts';
import { device } from './sections/device.ts';
import { dataDir, modelsDir } from './sections/folders.ts';
import { governor } from './sections/governor.ts';
import { http } from './sections/http.ts';
import { kiosk } from './sections/kiosk.ts';
import { log } from './sections/log.ts';
import { mqtt } from './sections/mqtt.ts';
import { profiles } from './sections/profiles.ts';
import { store } from './sections/store.ts';
import { track } from './sections/track.ts';
import { vision } from './sections/vision.ts';
import { visits } from './sections/visits.ts';

/**
 * The one source of types, defaults, bounds and documentation of the configuration.
 * Every leaf has a default, a description and an environment variable: `camera.jpegQuality` is `MIEN_CAMERA_JPEG_QUALITY`.
 * The order is that of the reference and of mien.yaml.
 */
export const configSchema = z.strictObject({
  device,
  dataDir,
  modelsDir,
  camera,
  detect,
  classify,
  track,
  vision,
  governor,
  visits,
  store,
  mqtt,
  http,
  kiosk,
  profiles,
  log,
});

export type Config = z.output<typeof configSchema>;
/** The input of a file, the environment or flags: any part of the configuration. */
export type ConfigInput = z.input<typeof configSchema>;

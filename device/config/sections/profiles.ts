import { z } from 'zod';

/** `profiles.ts` of the folder above checks names and values: they depend on the whole schema. */
export const profiles = z
  .record(
    z.string(),
    z.record(z.string(), z.unknown(), { error: 'expected settings by path, such as {"camera.fps": 10}' }),
  )
  .default({})
  .describe('Named groups of live settings to switch between: {"evening": {"camera.fps": 10, "kiosk.theme": "dark"}}.');

import { z } from '@hono/zod-openapi';
import { liveSettingsPatch } from '../../config/live.ts';
import { queryOf, wholeNumber } from './query.ts';

/** The settings that can be changed: each section, and each value in it, may be left out. */
export const settingsPatchSchema = z.strictObject(liveSettingsPatch.shape).openapi('SettingsChange');

export const settingsSchema = z
  .object({
    values: z.record(z.string(), z.record(z.string(), z.unknown())).describe('In force now: `values.camera.fps`.'),
    configured: z
      .record(z.string(), z.record(z.string(), z.unknown()))
      .describe('What the next start of the daemon would use.'),
    changed: z.array(z.string()).readonly().describe('Paths of those that differ: `camera.fps`.'),
    yaml: z.string().describe('What differs, as the part of mien.yaml that would keep it; empty for nothing.'),
    schema: z.record(z.string(), z.unknown()).describe('JSON Schema of a change: bounds and descriptions.'),
  })
  .openapi('Settings');

export const configSchema = z
  .object({
    file: z.string().optional().describe('The file that was read, if there was one.'),
    settings: z
      .array(
        z.object({
          path: z.string(),
          value: z.unknown().optional().describe('*** for a secret; absent where nothing is set.'),
          source: z
            .string()
            .describe('`default`, the file, the environment variable, the flag, or `changed at run time`.'),
          description: z.string(),
          expected: z.string(),
        }),
      )
      .readonly(),
  })
  .openapi('Configuration');

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export const logsQuery = queryOf({
  level: z
    .enum(logLevels, { error: `one of ${logLevels.join(', ')}` })
    .optional()
    .openapi({ description: 'Least severity; info where none is given.' }),
  limit: wholeNumber(1, 1000, 'Most lines; 200 where none is given.').optional(),
});

export const logsSchema = z
  .object({
    lines: z
      .array(
        z.object({
          time: z.string(),
          level: z.string(),
          msg: z.string(),
          fields: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .readonly()
      .describe('The newest lines since the start, oldest first, without passwords.'),
  })
  .openapi('Logs');

export const controlSchema = z
  .object({
    paused: z.boolean().describe('As asked for; the camera is released a moment later.'),
    camera: z.string().describe('State of the camera at this moment.'),
    vision: z.string().describe('State of the vision process at this moment.'),
  })
  .openapi('Control');

import { z } from '@hono/zod-openapi';
import { liveSettingsPatch } from '../../config/live-settings.ts';
import { units } from '../../config/settings.ts';
import { queryOf, wholeNumber } from './query.ts';

/** The settings that can be changed: each section, and each value in it, may be left out. */
export const settingsPatchSchema = z.strictObject(liveSettingsPatch.shape).openapi('SettingsChange');

export const settingsSchema = z
  .object({
    values: z.record(z.string(), z.record(z.string(), z.unknown())).describe('In force now: `values.camera.fps`.'),
    configured: z
      .record(z.string(), z.record(z.string(), z.unknown()))
      .describe('What the configuration (file, environment, flags) says.'),
    changed: z.array(z.string()).readonly().describe('Paths of the overrides: `camera.fps`.'),
    yaml: z.string().describe('The overrides, as the part of mien.yaml that would say the same; empty for none.'),
    overrides: z
      .object({
        isKept: z.boolean().describe('Whether a restart of the daemon finds the overrides as they are now.'),
        fault: z.string().optional().describe('What is wrong with the file of the overrides, and what to do.'),
        ignored: z
          .array(z.object({ path: z.string(), reason: z.string() }))
          .readonly()
          .describe('Entries of the file that this version cannot use. They stay until they are reset.'),
      })
      .describe('How the overrides are kept.'),
    schema: z
      .record(z.string(), z.unknown())
      .describe('JSON Schema of a change: type, bounds, unit and description of each setting.'),
  })
  .openapi('Settings');

export const resetQuery = queryOf({
  path: z
    .string()
    .max(100, 'the path of a setting')
    .optional()
    .openapi({ description: 'The setting to reset; all without it.', example: 'camera.fps' }),
});

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
            .describe('`default`, the file, the environment variable, the flag, or `override` (set on /admin).'),
          configured: z
            .object({ value: z.unknown().optional(), source: z.string() })
            .optional()
            .describe('What the configuration says; of an override only.'),
          description: z.string(),
          expected: z.string().describe('What a value must be, in English.'),
          type: z.enum(['string', 'integer', 'number', 'boolean', 'array']),
          minimum: z.number().optional(),
          maximum: z.number().optional(),
          multipleOf: z.number().optional(),
          maxLength: z.number().optional(),
          options: z.array(z.string()).readonly().optional().describe('The values to choose from.'),
          unit: z
            .enum(Object.keys(units) as [keyof typeof units])
            .optional()
            .describe('What a number counts.'),
          isLive: z.boolean().describe('Whether it can be changed while the daemon runs.'),
        }),
      )
      .readonly(),
  })
  .openapi('Configuration');

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

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

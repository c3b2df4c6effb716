import { z } from '@hono/zod-openapi';
import { units } from '../config/settings.ts';
import { asWritten } from './plan.ts';

/** The values hold no secrets or are masked by config/mask.ts. A page edits them, so they leave as they were written. */
export const settingsSchema = z
  .object({
    values: asWritten(
      z
        .record(z.string(), z.record(z.string(), z.unknown()))
        .describe('Present values, by section: `values.camera.fps`.'),
    ),
    configured: asWritten(
      z
        .record(z.string(), z.record(z.string(), z.unknown()))
        .describe('Values of the configuration (file, environment, flags), by section.'),
    ),
    changed: z.array(z.string()).readonly().describe('Paths of the overrides: `camera.fps`.'),
    profiles: z.array(z.string()).readonly().describe('Names of the configured profiles.'),
    profile: z.string().optional().describe('Name of the active profile. Absent without one.'),
    yaml: asWritten(z.string().describe('The overrides in the form of mien.yaml. Empty without overrides.')),
    overrides: z
      .object({
        isKept: z.boolean().describe('Whether the overrides are stored and survive a restart.'),
        fault: z.string().optional().describe('Fault of the overrides file, with its remedy.'),
        ignored: z
          .array(z.object({ path: z.string(), reason: z.string() }))
          .readonly()
          .describe('Entries of the overrides file that this version cannot use. They stay until they are reset.'),
      })
      .describe('State of the stored overrides.'),
    schema: asWritten(
      z
        .record(z.string(), z.unknown())
        .describe('JSON Schema of a change: type, bounds, unit and description of each setting.'),
    ),
  })
  .openapi('Settings');

export const configSchema = z
  .object({
    file: z.string().optional().describe('Path of the configuration file. Absent without one.'),
    settings: z
      .array(
        z.object({
          path: z.string(),
          value: asWritten(z.unknown().optional().describe('Present value. `***` for a secret; absent if not set.')),
          source: z
            .string()
            .describe(
              'Source of the value: `default`, the file, the environment variable, the flag, or `override` (set on /admin).',
            ),
          configured: z
            .object({ value: asWritten(z.unknown().optional()), source: z.string() })
            .optional()
            .describe('Configured value and its source. Only for an override.'),
          description: z.string(),
          expected: z.string().describe('Description of the allowed values, in English.'),
          type: z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object']),
          minimum: z.number().optional(),
          maximum: z.number().optional(),
          multipleOf: z.number().optional(),
          maxLength: z.number().optional(),
          options: z.array(z.string()).readonly().optional().describe('The allowed values of a choice.'),
          unit: z
            .enum(Object.keys(units) as [keyof typeof units])
            .optional()
            .describe('Unit of a number.'),
          isLive: z.boolean().describe('Whether the setting can be changed while the daemon runs.'),
        }),
      )
      .readonly(),
  })
  .openapi('Configuration');

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
    paused: z.boolean().describe('Whether a pause is requested. The camera is released shortly after.'),
    camera: z.string().describe('State of the camera at this moment.'),
    vision: z.string().describe('State of the vision process at this moment.'),
    profile: z.string().optional().describe('Name of the active profile. Absent without one.'),
  })
  .openapi('Control');

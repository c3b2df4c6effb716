import { z } from '@hono/zod-openapi';
import { units } from '../config/settings.ts';
import { asWritten } from './plan.ts';

/** The values are secret-free or masked by config/mask.ts; a page edits them, so they leave as they were written. */
export const settingsSchema = z
  .object({
    values: asWritten(
      z.record(z.string(), z.record(z.string(), z.unknown())).describe('In force now: `values.camera.fps`.'),
    ),
    configured: asWritten(
      z
        .record(z.string(), z.record(z.string(), z.unknown()))
        .describe('What the configuration (file, environment, flags) says.'),
    ),
    changed: z.array(z.string()).readonly().describe('Paths of the overrides: `camera.fps`.'),
    yaml: asWritten(
      z.string().describe('The overrides, as the part of mien.yaml that would say the same; empty for none.'),
    ),
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
    schema: asWritten(
      z
        .record(z.string(), z.unknown())
        .describe('JSON Schema of a change: type, bounds, unit and description of each setting.'),
    ),
  })
  .openapi('Settings');

export const configSchema = z
  .object({
    file: z.string().optional().describe('The file that was read, if there was one.'),
    settings: z
      .array(
        z.object({
          path: z.string(),
          value: asWritten(z.unknown().optional().describe('*** for a secret; absent where nothing is set.')),
          source: z
            .string()
            .describe('`default`, the file, the environment variable, the flag, or `override` (set on /admin).'),
          configured: z
            .object({ value: asWritten(z.unknown().optional()), source: z.string() })
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

import { z } from '@hono/zod-openapi';
import { liveSettingsPatch } from '../../config/live-settings.ts';
import { queryOf, wholeNumber } from './query.ts';

/** The live settings. Each section and each value is optional. */
export const settingsPatchSchema = z.strictObject(liveSettingsPatch.shape).openapi('SettingsChange');

export const resetQuery = queryOf({
  path: z
    .string()
    .max(100, 'the path of a setting')
    .optional()
    .openapi({ description: 'Path of the setting to reset. Default: all settings.', example: 'camera.fps' }),
});

export const profileBody = z
  .strictObject({
    name: z.string().min(1).max(64).openapi({
      description: 'Name of a profile of the configuration (profiles.<name>), or `none`.',
      example: 'evening',
    }),
  })
  .openapi('ProfileChoice');

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export const logsQuery = queryOf({
  level: z
    .enum(logLevels, { error: `one of ${logLevels.join(', ')}` })
    .optional()
    .openapi({ description: 'Minimum severity. Default: info.' }),
  limit: wholeNumber(1, 1000, 'Maximum number of lines. Default: 200.').optional(),
});

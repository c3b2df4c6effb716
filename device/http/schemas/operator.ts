import { z } from '@hono/zod-openapi';
import { liveSettingsPatch } from '../../config/live-settings.ts';
import { queryOf, wholeNumber } from './query.ts';

/** The settings that can be changed: each section, and each value in it, may be left out. */
export const settingsPatchSchema = z.strictObject(liveSettingsPatch.shape).openapi('SettingsChange');

export const resetQuery = queryOf({
  path: z
    .string()
    .max(100, 'the path of a setting')
    .optional()
    .openapi({ description: 'The setting to reset; all without it.', example: 'camera.fps' }),
});

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export const logsQuery = queryOf({
  level: z
    .enum(logLevels, { error: `one of ${logLevels.join(', ')}` })
    .optional()
    .openapi({ description: 'Least severity; info where none is given.' }),
  limit: wholeNumber(1, 1000, 'Most lines; 200 where none is given.').optional(),
});

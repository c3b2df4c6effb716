import { z } from 'zod';
import { live } from '../live-field.ts';

export const log = z
  .strictObject({
    level: live(
      z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('Minimum severity of the lines in the log.'),
    ),
    format: z
      .enum(['auto', 'json', 'text'])
      .default('auto')
      .describe('Format of the log. auto: text on a terminal, otherwise JSON lines.'),
  })
  .prefault({});

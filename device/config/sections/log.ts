import { z } from 'zod';
import { live } from '../live-field.ts';

export const log = z
  .strictObject({
    level: live(
      z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('What is less severe is not logged.'),
    ),
    format: z
      .enum(['auto', 'json', 'text'])
      .default('auto')
      .describe('auto: text on a terminal, JSON lines elsewhere.'),
  })
  .prefault({});

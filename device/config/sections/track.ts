import { z } from 'zod';
import { live } from '../live-field.ts';

export const track = z
  .strictObject({
    smoothingMs: live(
      z
        .int()
        .min(0)
        .max(5000)
        .default(350)
        .meta({ unit: 'milliseconds' })
        .describe(
          'Time constant of the smoothing of expressions. A longer one gives a steadier label that reacts later.',
        ),
    ),
    lostMs: live(
      z
        .int()
        .min(100)
        .max(10_000)
        .default(1000)
        .meta({ unit: 'milliseconds' })
        .describe('Time without a detection after which a track ends.'),
    ),
  })
  .prefault({});

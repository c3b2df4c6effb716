import { z } from 'zod';

export const governor = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Analyses fewer frames while the board is too hot or throttles itself.'),
    hotC: z
      .number()
      .min(40)
      .max(110)
      .default(78)
      .meta({ unit: 'celsius' })
      .describe('Processor temperature at and above which the frame rate falls.'),
    coolByC: z
      .number()
      .min(1)
      .max(40)
      .default(8)
      .meta({ unit: 'celsius' })
      .describe('The frame rate rises again when the processor is this much cooler than governor.hotC.'),
    stepDownMs: z
      .int()
      .min(1000)
      .max(600_000)
      .default(15_000)
      .meta({ unit: 'milliseconds' })
      .describe('Minimum time between two steps down (66, 50 and 33 % of camera.fps).'),
    stepUpMs: z
      .int()
      .min(1000)
      .max(3_600_000)
      .default(60_000)
      .meta({ unit: 'milliseconds' })
      .describe('Time without heat or throttling before the frame rate rises by one step.'),
  })
  .prefault({});

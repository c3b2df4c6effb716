import { z } from '@hono/zod-openapi';
import { cardSchema } from '../../classify/card.ts';

export const liveCountsSchema = z.object({
  viewers: z.int(),
  delivered: z.int().describe('Frames that viewers got since the start.'),
  dropped: z.int().describe('Frames that were replaced by a newer one before their viewer took them.'),
});

export const cameraSchema = z
  .object({
    state: z.string(),
    reason: z.string().optional(),
    asked: z.object({ source: z.string(), width: z.int(), height: z.int(), fps: z.number() }),
    got: z.object({
      source: z.string(),
      width: z.number().optional(),
      height: z.number().optional(),
      fps: z.number().optional(),
    }),
    devices: z
      .array(
        z.object({
          path: z.string(),
          stablePath: z.string().optional().describe('The same after a restart and in another socket.'),
          name: z.string(),
          isUsb: z.boolean(),
        }),
      )
      .readonly()
      .optional()
      .describe('The cameras of this device; only when asked for.'),
  })
  .openapi('Camera');

export const modelSchema = z
  .object({
    card: z
      .looseObject({
        ...cardSchema.shape,
        // Its points are tuples, which the generator cannot describe in the words of OpenAPI 3.1.
        crop: z
          .looseObject({})
          .describe('How a box and landmarks of the detector map to the crop that the model sees.'),
      })
      .describe(
        'As the device reads it, with the confusion matrix of each precision and question in `metrics` (`answers` names the question of the labels): rows are the true labels, columns the named ones.',
      ),
    inUse: z.object({
      precision: z.enum(['fp32', 'int8']).optional(),
      detector: z.string().optional(),
    }),
  })
  .openapi('Model');

export const privacySchema = z
  .object({
    purpose: z.string(),
    items: z
      .array(
        z.object({
          code: z.string().describe('Stable, for translations.'),
          text: z.string(),
          params: z
            .record(z.string(), z.union([z.string(), z.number()]))
            .optional()
            .describe('What the text names.'),
        }),
      )
      .readonly(),
  })
  .openapi('Privacy');

const span = z.object({ p50: z.number(), p95: z.number() });

export const performanceSchema = z
  .object({
    fps: z.number().optional().describe('Frames a second that are looked at.'),
    droppedFps: z.number().optional(),
    fpsLimit: z.number().optional().describe('Most frames a second, where the board is too hot for more.'),
    latencyMs: z.number().optional().describe('From frame to reading, median.'),
    stages: z
      .record(z.string(), span)
      .describe('Milliseconds a frame per stage of the vision process, over its last 256 frames.'),
    temperatureC: z.number().optional(),
    memoryMb: z.object({ daemon: z.number(), vision: z.number().optional() }).describe('10^6 bytes, of each process.'),
    restarts: z.int().describe('Of the vision process.'),
    live: liveCountsSchema,
    uptimeSeconds: z.int(),
  })
  .openapi('Performance');

export const heartbeatSchema = z
  .strictObject({
    version: z.string().max(64).describe('Of the page.'),
    visible: z.boolean().describe('Whether the browser shows it.'),
    fps: z.number().min(0).max(1000).optional().describe('Frames a second that it draws.'),
    width: z.int().min(0).max(100_000).describe('In CSS pixels.'),
    height: z.int().min(0).max(100_000),
    theme: z.string().max(32).optional(),
    lang: z.string().max(35).optional(),
  })
  .openapi('Heartbeat');

export const screenSchema = z
  // Not an extension: what is strict in the one schema would forbid what is new in the other.
  .object({
    ...heartbeatSchema.shape,
    seenAt: z.number().describe('When it was last heard of, ms since 1970.'),
  })
  .openapi('Screen');

export type Screen = z.output<typeof screenSchema>;

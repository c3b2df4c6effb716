import { z } from '@hono/zod-openapi';
import { configSchema } from '../config/schema.ts';
import type { DeviceState } from '../core/state.ts';
import { liveCountsSchema, screenSchema } from './device.ts';
import type { ValueOf } from './outside.ts';
import { asWritten } from './plan.ts';
import { exactly } from './same-shape.ts';

const reason = z.string().optional().describe('Why, and what to do, in one line.');

export const deviceStateSchema = exactly<DeviceState>()(
  z
    .object({
      camera: z.object({
        state: z.enum(['starting', 'online', 'lost', 'ended', 'paused']),
        source: z.string().describe('Without passwords.'),
        width: z.number().optional(),
        height: z.number().optional(),
        fps: z
          .number()
          .optional()
          .describe('Frames a second that the source promises, at most as many as were asked for.'),
        reason,
        code: z.enum(['camera-missing', 'camera-busy', 'camera-stalled', 'camera-unreadable']).optional(),
      }),
      vision: z.object({
        state: z.enum(['starting', 'running', 'restarting']),
        detector: z.string().optional(),
        model: z.string().optional(),
        precision: z.enum(['fp32', 'int8']).optional(),
        labels: z.array(z.string()).readonly().optional(),
        uncertain: z.boolean().optional(),
        fps: z.number().optional().describe('Frames a second that are looked at.'),
        droppedFps: z.number().optional(),
        latencyMs: z.number().optional().describe('From frame to reading, median.'),
        memoryMb: z.number().optional(),
        restarts: z.int(),
        lastRestart: z.string().optional(),
        warning: z.string().optional().describe('What works, but not as well as it could, with its remedy.'),
        code: z
          .enum([
            'model-missing',
            'model-invalid',
            'detector-fallback',
            'vision-crashed',
            'vision-silent',
            'vision-memory',
            'vision-restart-asked',
          ])
          .optional(),
      }),
      governor: z
        .object({
          state: z.enum(['full', 'reduced']),
          fpsLimit: z.number(),
          reason,
          code: z.enum(['hot', 'undervoltage', 'throttled']).optional(),
          temperatureC: z.number().optional(),
          throttled: z.array(z.string()).readonly().optional(),
        })
        .optional(),
      store: z.object({
        state: z.enum(['starting', 'ok', 'failing']),
        reason,
        code: z.enum(['disk-full', 'store-unwritable', 'store-damaged', 'store-newer', 'store-salvaging']).optional(),
        pending: z.int().optional().describe('Rows that wait in memory.'),
      }),
      mqtt: z.object({
        state: z.enum(['disabled', 'connecting', 'connected', 'offline']),
        url: z.string().optional(),
        reason,
        code: z.enum(['broker-unreachable', 'broker-refused', 'broker-untrusted']).optional(),
      }),
    })
    .openapi('DeviceState'),
);

export const deviceViewSchema = z
  .object({
    version: z.string(),
    bootId: z.string().describe('Another one after each start of the daemon.'),
    uptimeSeconds: z.int(),
    device: z.object({ name: z.string() }),
    kiosk: asWritten(
      configSchema.shape.kiosk.unwrap().extend({
        address: z
          .string()
          .optional()
          .describe('Under which a phone near the device reaches it; absent where it listens to itself only.'),
      }),
    ),
    labels: z.array(z.string()).readonly().describe('In the order of the model card; empty until it is loaded.'),
    sampleMs: z.int().describe('A row of the log stands for a face over this time, in ms (store.sampleMs).'),
    state: deviceStateSchema,
    live: liveCountsSchema,
    paused: z.boolean().describe('An operator has paused the camera.'),
    screen: screenSchema.optional().describe('The last sign of life of a kiosk page.'),
  })
  .openapi('DeviceView');

/** The state of the device as everybody sees it who asks. */
export type DeviceView = ValueOf<typeof deviceViewSchema>;

export const healthSchema = deviceStateSchema
  .extend({
    status: z.enum(['ok', 'degraded', 'failing']).describe('failing: a restart of the daemon is the sensible thing.'),
    reasons: z.array(z.string()).readonly(),
    frames: z.object({ frame: z.int().optional(), unchangedMs: z.number() }),
    version: z.string(),
    bootId: z.string(),
    uptimeSeconds: z.int(),
    live: liveCountsSchema,
  })
  .partial()
  .required({ status: true })
  .openapi('Health');

import { z } from '@hono/zod-openapi';
import { configSchema } from '../config/schema.ts';
import type { DeviceState } from '../core/state.ts';
import { liveCountsSchema, screenSchema } from './device.ts';
import type { ValueOf } from './outside.ts';
import { asWritten } from './plan.ts';
import { exactly } from './same-shape.ts';

const reason = z.string().optional().describe('Cause and remedy, in one line.');

export const deviceStateSchema = exactly<DeviceState>()(
  z
    .object({
      camera: z.object({
        state: z.enum(['loading', 'starting', 'online', 'lost', 'ended', 'paused']),
        source: z.string().describe('Source of the frames, without passwords.'),
        width: z.number().optional(),
        height: z.number().optional(),
        fps: z
          .number()
          .optional()
          .describe('Frame rate that the source reports, per second; at most the requested rate.'),
        reason,
        code: z.enum(['camera-missing', 'camera-busy', 'camera-stalled', 'camera-unreadable']).optional(),
      }),
      vision: z.object({
        state: z.enum(['starting', 'running', 'restarting']),
        detector: z.string().optional(),
        model: z.string().optional(),
        modelId: z
          .string()
          .optional()
          .describe('Name of the model, and the first 8 digits of the SHA-256 of its file.'),
        precision: z.enum(['fp32', 'int8']).optional(),
        labels: z.array(z.string()).readonly().optional(),
        uncertain: z.boolean().optional(),
        fps: z.number().optional().describe('Processed frames per second.'),
        droppedFps: z.number().optional(),
        latencyMs: z.number().optional().describe('Median time from frame to reading, in ms.'),
        memoryMb: z.number().optional(),
        restarts: z.int(),
        lastRestart: z.string().optional(),
        warning: z.string().optional().describe('Restriction of a part that works, with its remedy.'),
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
        pending: z.int().optional().describe('Rows in memory that are not written yet.'),
        outbox: z
          .object({
            waiting: z.int().describe('Records that the broker has not acknowledged.'),
            oldestTs: z.number().optional().describe('When the oldest of them was made, ms since 1970 (UTC).'),
            lost: z.int().describe('Records of all time that were dropped unsent, because the outbox was full.'),
          })
          .optional(),
        writtenMbPerDay: z
          .number()
          .optional()
          .describe('Written to disks, in MB (10^6 bytes) per day of running time.'),
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
    bootId: z.string().describe('Id of this start of the daemon.'),
    uptimeSeconds: z.int(),
    device: z.object({ name: z.string() }),
    kiosk: asWritten(
      configSchema.shape.kiosk.unwrap().extend({
        address: z
          .string()
          .optional()
          .describe(
            'URL at which a phone in the same network reaches the device. Absent if the device accepts only local connections.',
          ),
      }),
    ),
    labels: z.array(z.string()).readonly().describe('Labels in the order of the model card. Empty until it is loaded.'),
    sampleMs: z.int().describe('Time that a row of the log covers, in ms (store.sampleMs).'),
    profile: z.string().optional().describe('Name of the active profile (profiles.<name>). Absent without one.'),
    state: deviceStateSchema,
    live: liveCountsSchema,
    paused: z.boolean().describe('Whether an operator has paused the camera.'),
    screen: screenSchema.optional().describe('Newest heartbeat of a kiosk page.'),
  })
  .openapi('DeviceView');

/** The state of the device as the API, the WebSocket and the events show it. */
export type DeviceView = ValueOf<typeof deviceViewSchema>;

export const healthStatus = z.enum(['ok', 'degraded', 'failing']);

export const healthSchema = z
  .object({
    status: healthStatus.describe('`failing`: restart the daemon.'),
    reasons: z.array(z.string()).readonly(),
    frames: z.object({ frame: z.int().optional(), unchangedMs: z.number() }),
    version: z.string(),
    bootId: z.string(),
    uptimeSeconds: z.int(),
    ...deviceStateSchema.shape,
    live: liveCountsSchema,
  })
  .partial()
  .required({ status: true })
  .openapi('Health');

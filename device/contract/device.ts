import { z } from '@hono/zod-openapi';

export const liveCountsSchema = z.object({
  viewers: z.int(),
  delivered: z.int().describe('Frames sent to viewers since the start.'),
  dropped: z.int().describe('Frames replaced by a newer one before the viewer took them.'),
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
          stablePath: z
            .string()
            .optional()
            .describe('Path that stays the same after a restart and in another USB socket.'),
          name: z.string(),
          isUsb: z.boolean(),
        }),
      )
      .readonly()
      .optional()
      .describe('Cameras of this device. Only with `devices=1`.'),
  })
  .openapi('Camera');

const span = z.object({ p50: z.number(), p95: z.number() });

export const performanceSchema = z
  .object({
    fps: z.number().optional().describe('Processed frames per second.'),
    droppedFps: z.number().optional(),
    fpsLimit: z
      .number()
      .optional()
      .describe('Upper limit of the frame rate, per second. Lowered while the board is too hot.'),
    latencyMs: z.number().optional().describe('Median time from frame to reading, in ms.'),
    stages: z
      .record(z.string(), span)
      .describe('Duration per stage of the vision process, in ms per frame, over the last 256 frames.'),
    temperatureC: z.number().optional(),
    memoryMb: z
      .object({ daemon: z.number(), vision: z.number().optional() })
      .describe('Private memory of each process, in MB (10^6 bytes).'),
    restarts: z.int().describe('Restarts of the vision process since the start.'),
    live: liveCountsSchema,
    uptimeSeconds: z.int(),
  })
  .openapi('Performance');

/** The newest heartbeat of a kiosk page, when it was received, and from where. */
export const screenSchema = z
  .object({
    version: z.string().max(64).describe('Version of the page.'),
    visible: z.boolean().describe('Whether the browser shows the page.'),
    fps: z.number().min(0).max(1000).optional().describe('Drawn frames per second.'),
    width: z.int().min(0).max(100_000).describe('In CSS pixels.'),
    height: z.int().min(0).max(100_000),
    theme: z.string().max(32).optional(),
    lang: z.string().max(35).optional(),
    light: z
      .enum(['full', 'dimmed', 'off'])
      .optional()
      .describe('Brightness that the page asks for. off: the page is black, and a backlight is switched off.'),
    seenAt: z.number().describe('When the heartbeat was received, ms since 1970 (UTC).'),
    onDevice: z
      .boolean()
      .describe(
        'Whether the page runs on the device itself. Its heartbeats take precedence over those of other screens.',
      ),
  })
  .openapi('Screen');

export type Screen = z.output<typeof screenSchema>;

import { z } from 'zod';

/** What a device does at one moment, as far as a gate judges it. */
export const observationSchema = z.object({
  /** Whether systemd runs the daemon. */
  active: z.boolean(),
  /** Starts of the daemon by systemd after faults. */
  restarts: z.int(),
  kioskActive: z.boolean(),
  /** What the daemon tells: `status` where it wants a login. */
  answer: z.enum(['all', 'status', 'none']),
  /** Why it tells nothing, or its own reasons for not being ok. */
  reasons: z.array(z.string()),
  status: z.string().optional(),
  version: z.string().optional(),
  bootId: z.string().optional(),
  uptimeSeconds: z.number().optional(),
  /** Number of the newest frame since the source was opened. */
  frame: z.number().optional(),
  fps: z.number().optional(),
  camera: z.string().optional(),
  /** Restarts of the vision process since the start of the daemon. */
  visionRestarts: z.number().optional(),
  /** Detection, crop and classification of a frame, ms. */
  p95Ms: z.number().optional(),
  broker: z.enum(['disabled', 'connecting', 'connected', 'offline']).optional(),
  brokerCode: z.string().optional(),
  /** Age of the heartbeat of the page on this device, s. */
  screenAgeSeconds: z.number().optional(),
  screenVisible: z.boolean().optional(),
  writtenMbPerDay: z.number().optional(),
  /** A consent session runs: nothing may interrupt it. */
  session: z.boolean().optional(),
});

export type Observation = z.infer<typeof observationSchema>;

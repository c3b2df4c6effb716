import { z } from '@hono/zod-openapi';
import { screenSchema } from '../../contract/device.ts';

const { seenAt: _, onDevice: __, ...sent } = screenSchema.shape;

/** Body of a heartbeat of a kiosk page. */
export const heartbeatSchema = z.strictObject(sent).openapi('Heartbeat');

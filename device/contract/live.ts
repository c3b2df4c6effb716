import { z } from '@hono/zod-openapi';
import type { ValueOf } from './outside.ts';
import { readingSchema, visitSchema } from './reading.ts';
import { deviceViewSchema } from './state.ts';

/** Text message on the live WebSocket: at connect, at each change and with each ping. */
export const stateMessageSchema = z
  .object({ type: z.literal('state'), ...deviceViewSchema.shape })
  .openapi('StateMessage');

export type StateMessage = ValueOf<typeof stateMessageSchema>;

/** Head of a binary message on the live WebSocket. The JPEG of the same frame follows it. */
export const frameHeadSchema = z.object({ type: z.literal('frame'), reading: readingSchema }).openapi('FrameHead');

/** @see frameHeadSchema */
export type FrameHead = ValueOf<typeof frameHeadSchema>;

/** Data of the server-sent events of /api/v1/events, by event name. */
export const eventSchemas = { state: deviceViewSchema, reading: readingSchema, visit: visitSchema } as const;

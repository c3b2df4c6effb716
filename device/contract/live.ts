import { z } from '@hono/zod-openapi';
import type { ValueOf } from './outside.ts';
import { readingSchema, visitSchema } from './reading.ts';
import { deviceViewSchema } from './state.ts';

/** Text message on the live WebSocket: at connect, at each change, and now and then as a sign of life. */
export const stateMessageSchema = z
  .object({ type: z.literal('state'), ...deviceViewSchema.shape })
  .openapi('StateMessage');

export type StateMessage = ValueOf<typeof stateMessageSchema>;

/** Head of a binary message on the live WebSocket; the JPEG of exactly that frame follows it. */
export const frameHeadSchema = z.object({ type: z.literal('frame'), reading: readingSchema }).openapi('FrameHead');

/** @see frameHeadSchema */
export type FrameHead = ValueOf<typeof frameHeadSchema>;

/** Data of each server-sent event of /api/v1/events, by its name. */
export const eventSchemas = { state: deviceViewSchema, reading: readingSchema, visit: visitSchema } as const;

import type { z } from 'zod';
import type { cameraSchema, modelSchema, performanceSchema } from '../../../device/http/schemas/device.ts';
import type { historySchema, visitsSchema } from '../../../device/http/schemas/history.ts';
import type { configSchema, logsSchema, settingsSchema } from '../../../device/http/schemas/operator.ts';

/** Answers of the API, typed by its schemas. */
export type Camera = z.output<typeof cameraSchema>;
export type Model = z.output<typeof modelSchema>;
export type Performance = z.output<typeof performanceSchema>;
export type History = z.output<typeof historySchema>;
export type Visits = z.output<typeof visitsSchema>;
export type Configuration = z.output<typeof configSchema>;
export type Logs = z.output<typeof logsSchema>;
export type Settings = z.output<typeof settingsSchema>;

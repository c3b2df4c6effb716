import type { z } from 'zod';
import type { cameraSchema, performanceSchema } from '../../../device/contract/device.ts';
import type { historySchema, visitsSchema } from '../../../device/contract/history.ts';
import type { modelSchema } from '../../../device/contract/model.ts';
import type { configSchema, logsSchema, settingsSchema } from '../../../device/contract/operator.ts';

/** Answers of the API, typed by its schemas. */
export type Camera = z.output<typeof cameraSchema>;
export type Model = z.output<typeof modelSchema>;
export type Performance = z.output<typeof performanceSchema>;
export type History = z.output<typeof historySchema>;
export type Visits = z.output<typeof visitsSchema>;
export type Configuration = z.output<typeof configSchema>;
export type Logs = z.output<typeof logsSchema>;
export type Settings = z.output<typeof settingsSchema>;

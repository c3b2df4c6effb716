import { z } from '@hono/zod-openapi';
import type { DeviceState } from '../../core/state.ts';
import { happyShareSchema } from '../reading.ts';
import { exactly } from '../same-shape.ts';
import { deviceStateSchema, healthStatus } from '../state.ts';
import type { SnakeCased } from './envelope.ts';

/** Figures that change all the time. They are in `health`. */
interface Figures {
  readonly vision: 'fps' | 'droppedFps' | 'latencyMs' | 'memoryMb';
  readonly governor: 'temperatureC';
  readonly store: 'pending' | 'outbox' | 'writtenMbPerDay';
}

/** Each part is `stopped` after a clean stop; the governor is absent then. */
type PublishedPart<Name, Part extends { readonly state: string }> = SnakeCased<
  Omit<Part, 'state' | (Name extends keyof Figures ? Figures[Name] : never)> & {
    readonly state: Part['state'] | (Name extends 'governor' ? never : 'stopped');
  }
>;

type PublishedState = { readonly version: string; readonly device_id: string; readonly profile?: string } & {
  [Name in keyof DeviceState]: PublishedPart<Name, NonNullable<DeviceState[Name]>>;
};

const { camera, vision, governor, store, mqtt } = deviceStateSchema.shape;

function stoppable<State extends string>(states: z.ZodEnum<{ [Key in State]: Key }>) {
  return z.enum([...states.options, 'stopped']).describe('`stopped` after a clean stop.');
}

export const cameraBody = z.object({ ...camera.shape, state: stoppable(camera.shape.state) });

const { fps, droppedFps, latencyMs, memoryMb: _memory, lastRestart, modelId, ...steadyVision } = vision.shape;
const { temperatureC, fpsLimit, ...steadyGovernor } = governor.unwrap().shape;
const { pending, outbox, writtenMbPerDay, ...steadyStore } = store.shape;

export const stateBody = exactly<PublishedState>()(
  z.object({
    version: z.string().describe('Version of Mien.'),
    device_id: z.string().describe('Id of the device. It stays when the device gets another name.'),
    profile: z.string().optional().describe('Name of the active profile (profiles.<name>). Absent without one.'),
    camera: cameraBody,
    vision: z.object({
      ...steadyVision,
      model_id: modelId,
      last_restart: lastRestart,
      state: stoppable(vision.shape.state),
    }),
    governor: z.object({ ...steadyGovernor, fps_limit: fpsLimit }).optional(),
    store: z.object({ ...steadyStore, state: stoppable(store.shape.state) }),
    mqtt: z.object({ ...mqtt.shape, state: stoppable(mqtt.shape.state) }),
  }),
);

export const healthBody = z.object({
  status: z
    .enum([...healthStatus.options, 'stopped'])
    .describe('`failing`: a restart of the daemon is expected to help. `stopped` after a clean stop.'),
  reasons: z.array(z.string()).readonly().describe('One line per fault.'),
  uptime_s: z.int().min(0),
  fps,
  dropped_fps: droppedFps,
  latency_ms: latencyMs,
  memory_mb: z
    .object({ daemon: z.number(), vision: z.number().optional() })
    .describe('Private memory of each process, in MB (10^6 bytes).'),
  temperature_c: temperatureC.describe('Temperature of the processor, in degrees Celsius.'),
  rows_pending: pending,
  outbox: z
    .object({
      waiting: z.int().min(0).describe('Records that the broker has not acknowledged.'),
      oldest_s: z.number().min(0).optional().describe('Age of the oldest of them, in seconds.'),
      lost: z.int().min(0).describe('Records of all time that were dropped unsent, because the outbox was full.'),
    })
    .optional(),
  written_mb_per_day: writtenMbPerDay,
});

export const peopleBody = z.object({ people: z.int().min(0).describe('Faces in front of the camera now.') });

export const expressionBody = z.object({
  expression: z
    .string()
    .describe('The label of most faces now. `uncertain` if no face has another label, `none` if there is no face.'),
});

export const visitsBody = z.object({
  visits: z.int().min(0).describe('Visits that ended since the start of the daemon.'),
  dwell_ms: z.number().min(0).nullable().describe('Dwell of the last visit, in ms. Null if none is known.'),
});

export const smilesBody = z.object({
  smiles: happyShareSchema.describe(
    'Face-time labelled happy divided by face-time with a label other than `uncertain`, over the last 60 s. Null if there is none.',
  ),
});

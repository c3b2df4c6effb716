import { z } from '@hono/zod-openapi';
import type { DeviceState } from '../core/state.ts';
import type { Reading, Visit } from '../core/types.ts';
import { faceSchema, type OutsideFace, readingSchema, visitSchema } from './reading.ts';
import { exactly } from './same-shape.ts';
import { deviceStateSchema } from './state.ts';

/** Version of the payloads. A breaking change raises it. */
export const payloadSchema = 3;

/** Keys of a core type as published over MQTT: `fpsLimit` becomes `fps_limit`. */
type SnakeCase<Text> = Text extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : Text;
type SnakeCased<T> = { [Key in keyof T as SnakeCase<Key>]: T[Key] };

const envelope = {
  schema: z.literal(payloadSchema).describe('Version of the payload. A breaking change raises it; a new key does not.'),
  ts: z.number().describe('Wall clock of the reported event, ms since 1970 (UTC).'),
  boot_id: z.string().describe('Id of the start of the daemon that sent the message.'),
  seq: z.int().min(1).describe('Number of the message within its topic and boot. A gap means a lost message.'),
};

/** Fields that every JSON payload begins with. */
const envelopeSchema = z.object(envelope);
export type Envelope = z.output<typeof envelopeSchema>;

const { reject: _reject, ...publishedFace } = faceSchema.shape;
const { frame, width, height, happyShare } = readingSchema.shape;

type PublishedReading = SnakeCased<Omit<Reading, 't' | 'ts' | 'mono' | 'faces'>> & {
  readonly faces: readonly Omit<OutsideFace, 'reject'>[];
};

export const readingBody = exactly<PublishedReading>()(
  z.object({ frame, width, height, faces: z.array(z.object(publishedFace)).readonly(), happy_share: happyShare }),
);

const { seq: _seq, bootId: _bootId, ...visit } = visitSchema.shape;

export const visitBody = exactly<SnakeCased<Omit<Visit, 'seq' | 'bootId'>> & { readonly historical: boolean }>()(
  z.object({
    historical: z.boolean().describe('The visit could not be published when it ended.'),
    id: visit.id,
    track: visit.track,
    started_at: visit.startedAt,
    ended_at: visit.endedAt,
    dwell_ms: visit.dwellMs,
    dominant: visit.dominant,
    shares: visit.shares,
    reasons: visit.reasons,
    happy_share: visit.happyShare,
    strongest: visit.strongest,
    confidence: visit.confidence,
    frames: visit.frames,
    cut: visit.cut,
  }),
);

/** Figures that change all the time. They have their own topic. */
interface Figures {
  readonly vision: 'fps' | 'droppedFps' | 'latencyMs' | 'memoryMb';
  readonly governor: 'temperatureC';
}

/** Each part is `stopped` after a clean stop; the governor is absent then. */
type PublishedPart<Name, Part extends { readonly state: string }> = SnakeCased<
  Omit<Part, 'state' | (Name extends keyof Figures ? Figures[Name] : never)> & {
    readonly state: Part['state'] | (Name extends 'governor' ? never : 'stopped');
  }
>;

type PublishedState = { readonly version: string } & {
  [Name in keyof DeviceState]: PublishedPart<Name, NonNullable<DeviceState[Name]>>;
};

const { camera, vision, governor, store, mqtt } = deviceStateSchema.shape;

function stoppable<State extends string>(states: z.ZodEnum<{ [Key in State]: Key }>) {
  return z.enum([...states.options, 'stopped']).describe('`stopped` after a clean stop.');
}

export const cameraBody = z.object({ ...camera.shape, state: stoppable(camera.shape.state) });

const { fps, droppedFps, latencyMs, memoryMb, lastRestart, ...steadyVision } = vision.shape;
const { temperatureC, fpsLimit, ...steadyGovernor } = governor.unwrap().shape;

export const stateBody = exactly<PublishedState>()(
  z.object({
    version: z.string().describe('Version of Mien.'),
    camera: cameraBody,
    vision: z.object({ ...steadyVision, last_restart: lastRestart, state: stoppable(vision.shape.state) }),
    governor: z.object({ ...steadyGovernor, fps_limit: fpsLimit }).optional(),
    store: z.object({ ...store.shape, state: stoppable(store.shape.state) }),
    mqtt: z.object({ ...mqtt.shape, state: stoppable(mqtt.shape.state) }),
  }),
);

export const figuresBody = z.object({
  fps,
  dropped_fps: droppedFps,
  latency_ms: latencyMs,
  memory_mb: memoryMb.describe('Private memory of the vision process, in MB (10^6 bytes).'),
  temperature_c: temperatureC.describe('Temperature of the processor, in degrees Celsius.'),
});

/** A message that Mien publishes below `<mqtt.baseTopic>/<device.name>/`. */
interface Message {
  readonly schema: z.ZodType;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly description: string;
}

/** Every topic, with the schema of its payload. */
export const mqttMessages = {
  availability: {
    schema: z.enum(['online', 'offline']),
    qos: 1,
    retain: true,
    description:
      '`online` after each connect, `offline` at a clean stop and as the last will. Plain text without quotes, not JSON.',
  },
  'camera/state': {
    schema: z.object({ ...envelope, ...cameraBody.shape }),
    qos: 1,
    retain: true,
    description: 'At connect and when the state of the camera changes, at most once per second.',
  },
  state: {
    schema: z.object({ ...envelope, ...stateBody.shape }),
    qos: 1,
    retain: true,
    description: 'At connect and when the state of the device changes, at most once per second.',
  },
  figures: {
    schema: z.object({ ...envelope, ...figuresBody.shape }),
    qos: 0,
    retain: false,
    description: 'At connect and when a figure has changed, at most once per minute.',
  },
  reading: {
    schema: z.object({ ...envelope, ...readingBody.shape }),
    qos: 0,
    retain: false,
    description:
      'At most one per `mqtt.readingMs` while a face is present, and one without faces after the last face has left.',
  },
  visit: {
    schema: z.object({ ...envelope, ...visitBody.shape }),
    qos: 1,
    retain: false,
    description: 'At the end of a visit. After an outage all visits that ended meanwhile, oldest first.',
  },
} as const satisfies Readonly<Record<string, Message>>;

export type MqttTopic = keyof typeof mqttMessages;

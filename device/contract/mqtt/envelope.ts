import { z } from '@hono/zod-openapi';

/** Version of the payloads. A breaking change raises it. */
export const payloadSchema = 4;

/** Keys of a core type as published over MQTT: `fpsLimit` becomes `fps_limit`. */
type SnakeCase<Text> = Text extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : Text;
export type SnakeCased<T> = { [Key in keyof T as SnakeCase<Key>]: T[Key] };

/** Fields that every JSON payload begins with. */
export const envelope = {
  schema: z.literal(payloadSchema).describe('Version of the payload. A breaking change raises it; a new key does not.'),
  device: z.string().describe('Name of the device (device.name), for receivers that see no topic.'),
  ts: z.number().describe('Wall clock of the reported event, ms since 1970 (UTC).'),
  boot_id: z
    .string()
    .describe(
      'Id of the start of the daemon. In `visit` and `minute` the start that made the record, also if a later one sends it.',
    ),
  seq: z
    .int()
    .min(1)
    .describe(
      'Number of the message within its topic and boot. A gap means a lost message. A record that is sent again has the same number.',
    ),
  historical: z
    .boolean()
    .describe('The record could not be published when it was made. False for every other message.'),
};

const envelopeSchema = z.object(envelope);
export type Envelope = z.output<typeof envelopeSchema>;

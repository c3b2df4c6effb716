import { z } from 'zod';

export const mqtt = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Publishes over MQTT.'),
    url: z
      .url({ protocol: /^(mqtt|mqtts|ws|wss)$/, error: 'a URL that starts with mqtt://, mqtts://, ws:// or wss://' })
      .default('mqtt://127.0.0.1:1883')
      .describe('Address of the broker.'),
    username: z.string().optional().describe('User name at the broker.'),
    password: z
      .string()
      .optional()
      .meta({ secret: true })
      .describe('Password at the broker. Set it in the environment if you can.'),
    baseTopic: z
      .string()
      .regex(/^[^#+/\s][^#+\s]*$/, 'a topic without #, + or white space')
      .default('mien')
      .describe('First level or levels of all topics: <baseTopic>/<device.name>/...'),
    readingMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(500)
      .meta({ unit: 'milliseconds' })
      .describe('Minimum interval between two `reading` messages.'),
    commands: z
      .boolean()
      .optional()
      .describe(
        'Carries out commands that arrive through the broker: pause, rate, profile, restart of the vision process. Not set: true if the broker is on this device or demands a login (mqtt.username), otherwise false.',
      ),
    snapshots: z
      .boolean()
      .default(false)
      .describe('Answers the command `snapshot` with one picture. Everybody who can read at the broker gets it.'),
  })
  .prefault({});

import { z } from 'zod';

const pemFile = z.string().min(1).optional().meta({ isPath: true });

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
      .describe('Password at the broker. Best kept in a file: MIEN_MQTT_PASSWORD_FILE, or a systemd credential.'),
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
        'Carries out commands that arrive through the broker: pause, rate, profile, restart of the vision process. Not set: true if the broker is on this device or demands a login (mqtt.username or mqtt.tls.cert), otherwise false.',
      ),
    snapshots: z
      .boolean()
      .default(false)
      .describe('Answers the command `snapshot` with one picture. Everybody who can read at the broker gets it.'),
    tls: z
      .strictObject({
        ca: pemFile.describe(
          "Certificates of the authorities that may sign the broker's certificate (PEM file). Without it: those that Node knows.",
        ),
        cert: pemFile.describe('Certificate of this device for the broker (PEM file, with its chain).'),
        key: pemFile.describe('Private key of that certificate (PEM file).'),
        serverName: z
          .string()
          .regex(/^[A-Za-z0-9_.-]{1,253}$/, 'a host name, such as broker.example.org')
          .optional()
          .describe("Name in the broker's certificate, if it is not the host in mqtt.url."),
      })
      .prefault({}),
    homeAssistant: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Announces this device to Home Assistant (MQTT discovery).'),
        discoveryPrefix: z
          .string()
          .regex(/^[^#+/\s][^#+\s]*$/, 'a topic without #, + or white space')
          .default('homeassistant')
          .describe('Discovery prefix of Home Assistant. Its birth message is expected on <discoveryPrefix>/status.'),
      })
      .prefault({}),
  })
  .superRefine(checkTls)
  .prefault({});

interface Encryption {
  readonly url: string;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly serverName?: string };
}

/** Refuses TLS settings for a connection without TLS, and a certificate without its key. */
function checkTls({ url, tls }: Encryption, context: z.RefinementCtx): void {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  const [first] = Object.entries(tls).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (first !== undefined && !/^(mqtts|wss):/i.test(url)) {
    refuse(['url'], `mqtts:// or wss://, because mqtt.tls.${first} is set`);
  }
  if (tls.cert !== undefined && tls.key === undefined) refuse(['tls', 'key'], 'the key of mqtt.tls.cert');
  if (tls.key !== undefined && tls.cert === undefined) refuse(['tls', 'cert'], 'the certificate of mqtt.tls.key');
}

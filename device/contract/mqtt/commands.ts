import { z } from '@hono/zod-openapi';

/** Longest payload of a command, in bytes. */
export const maxCommandBytes = 4096;

const framesPerSecond = z.number().min(0.1).max(240);
const rate = z.union([framesPerSecond, z.literal('none'), z.null()], {
  error: 'a number of frames per second from 0.1 to 240, or none',
});
const name = z.string().min(1).max(64).describe('Name of a profile of the configuration (profiles.<name>), or `none`.');

const head = {
  transaction: z
    .string()
    .max(128)
    .optional()
    .describe('Any text. The response repeats it, so that the sender recognises its answer.'),
  sent_at: z
    .number()
    .optional()
    .describe(
      'When the command was sent, ms since 1970 (UTC). An old command is refused, and one that is more than a minute in the future; see `expires_s`.',
    ),
  expires_s: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe(
      'Seconds after `sent_at` in which the command may be carried out; 60 without it. For brokers without MQTT 5, which has a message expiry of its own.',
    ),
};

/** The schema of a request with these fields of its own. */
function request<Shape extends z.ZodRawShape>(fields: Shape) {
  return z
    .strictObject({ ...head, ...fields })
    .refine(
      (body: { readonly sent_at?: unknown; readonly expires_s?: unknown }) =>
        body.expires_s === undefined || body.sent_at !== undefined,
      {
        path: ['expires_s'],
        error: 'sent_at beside it',
      },
    );
}

const plain = request({});

interface Command {
  readonly schema: z.ZodType;
  readonly description: string;
}

/** Payloads of `request/<name>`: JSON objects. An empty payload is none: it deletes a retained message. */
export const requests = {
  pause: { schema: plain, description: 'Closes the camera until `resume`, also over a restart of the device.' },
  resume: { schema: plain, description: 'Opens the camera again.' },
  'restart-vision': { schema: plain, description: 'Ends the vision process, which starts again at once.' },
  rate: {
    schema: request({ fps: rate.describe('Frames per second; `none` or null lifts the bound.') }),
    description:
      'Bounds the frames per second that are analysed, until the daemon ends. The lowest bound of all holds.',
  },
  profile: {
    schema: request({ name }),
    description: 'Applies a profile of the configuration. `none` drops the present one.',
  },
  ping: { schema: plain, description: 'Answers, to measure the round trip.' },
  snapshot: {
    schema: plain,
    description: 'Answers with one JPEG picture, where `mqtt.snapshots` allows it and the camera is not paused.',
  },
} as const satisfies Readonly<Record<string, Command>>;

/** Payloads of `set/<name>`: plain texts, as dashboards send them. */
export const settables = {
  paused: {
    schema: z.enum(['ON', 'OFF', 'true', 'false']),
    description: '`ON` or `true` closes the camera, `OFF` or `false` opens it.',
  },
  rate: {
    schema: rate.describe('A number, or `none`.'),
    description: 'Bounds the frames per second that are analysed; `none` lifts the bound.',
  },
  profile: { schema: name, description: 'Applies a profile of the configuration. `none` drops the present one.' },
} as const satisfies Readonly<Record<string, Command>>;

export type RequestName = keyof typeof requests;
export type SettableName = keyof typeof settables;

export const responseBody = z.object({
  transaction: z.string().optional().describe('Transaction of the request.'),
  command: z.string().describe('Topic of the command below `<mqtt.baseTopic>/<device.name>/`: `request/ping`.'),
  status: z.enum(['ok', 'error']),
  error: z.string().optional().describe('Cause and remedy, in one line.'),
  data: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Results of the command. `snapshot`: `jpeg` (base64), `frame`, `ts`. `rate`: `fps`. `profile`: `profile`. `ping`: `version`. `pause`, `resume`, `set/paused`: `paused`.',
    ),
});

export type ResponseBody = z.output<typeof responseBody>;

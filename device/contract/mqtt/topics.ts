import { z } from '@hono/zod-openapi';
import { privacySchema } from '../privacy.ts';
import { responseBody } from './commands.ts';
import { envelope } from './envelope.ts';
import { minuteBody, readingBody, visitBody } from './records.ts';
import { cameraBody, expressionBody, healthBody, peopleBody, smilesBody, stateBody, visitsBody } from './states.ts';

/** A message that Mien publishes below `<mqtt.baseTopic>/<device.name>/`. */
interface Message {
  readonly schema: z.ZodType;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly description: string;
}

/** A retained message, which gives a new subscriber the present state. */
function state<Shape extends z.ZodRawShape>(body: z.ZodObject<Shape>, description: string) {
  return { schema: z.object({ ...envelope, ...body.shape }), qos: 1, retain: true, description } as const;
}

/** A message that must arrive, but has no meaning for later subscribers. */
function event<Shape extends z.ZodRawShape>(body: z.ZodObject<Shape>, description: string) {
  return { schema: z.object({ ...envelope, ...body.shape }), qos: 1, retain: false, description } as const;
}

/** Every topic, with the schema of its payload. `response` stands for `response/<command>`. */
export const mqttMessages = {
  availability: {
    schema: z.enum(['online', 'offline']),
    qos: 1,
    retain: true,
    description:
      '`online` after each connect, `offline` at a clean stop and as the last will. Plain text without quotes, not JSON.',
  },
  'camera/state': state(cameraBody, 'At connect and when the state of the camera changes, at most once per second.'),
  state: state(stateBody, 'At connect and when the state of the device changes, at most once per second.'),
  health: state(healthBody, 'At connect, when the status or a reason changes, and once per minute.'),
  people: state(peopleBody, 'At connect and when the number changes, at most once per second.'),
  expression: state(expressionBody, 'At connect and when the expression changes, at most once per second.'),
  smiles: state(smilesBody, 'At connect and when the share changes, at most once per 10 s.'),
  visits: state(visitsBody, 'At connect and after each visit, at most once per second.'),
  privacy: state(privacySchema, 'At connect and when the notice changes: what is collected, kept and sent.'),
  reading: {
    schema: z.object({ ...envelope, ...readingBody.shape }),
    qos: 0,
    retain: false,
    description:
      'At most one per `mqtt.readingMs` while a face is present, and one without faces after the last face has left.',
  },
  visit: event(visitBody, 'At the end of a visit. After an outage all visits that ended meanwhile, oldest first.'),
  minute: event(minuteBody, 'At the end of a minute. After an outage all minutes of that time, oldest first.'),
  response: event(responseBody, 'Answer to a command, on `response/<name of the command>`.'),
} as const satisfies Readonly<Record<string, Message>>;

export type MqttTopic = keyof typeof mqttMessages;

import type { z } from '@hono/zod-openapi';
import { classifiedSchema } from './classify.ts';
import { cameraSchema, performanceSchema } from './device.ts';
import { historySchema, samplesSchema, visitsSchema } from './history.ts';
import { eventSchemas, frameHeadSchema, stateMessageSchema } from './live.ts';
import { modelSchema } from './model.ts';
import { mqttMessages } from './mqtt/topics.ts';
import { configSchema, controlSchema, logsSchema, settingsSchema } from './operator.ts';
import { privacySchema } from './privacy.ts';
import { problemSchema } from './problem.ts';
import { readingSchema } from './reading.ts';
import { schemaListSchema } from './schemas.ts';
import { whoSchema } from './session.ts';
import { deviceViewSchema, healthSchema } from './state.ts';

/** A message or an answer that leaves the process as JSON. */
export interface Message {
  /** Channel (`api`, `live`, `events` or `mqtt`) and name of the message there: `mqtt.camera-state`. */
  readonly name: string;
  readonly schema: z.ZodType;
  /** Destination: the route with its method, the event, or the topic below `<mqtt.baseTopic>/<device.name>/`. */
  readonly description: string;
}

const answers: readonly (readonly [name: string, schema: z.ZodType, route: string])[] = [
  ['state', deviceViewSchema, 'GET /api/v1/state'],
  ['reading', readingSchema, 'GET /api/v1/reading'],
  ['health', healthSchema, 'GET /healthz'],
  ['samples', samplesSchema, 'GET /api/v1/samples'],
  ['visits', visitsSchema, 'GET /api/v1/visits'],
  ['history', historySchema, 'GET /api/v1/history'],
  ['classified', classifiedSchema, 'POST /api/v1/classify'],
  ['camera', cameraSchema, 'GET /api/v1/camera'],
  ['model', modelSchema, 'GET /api/v1/model'],
  ['privacy', privacySchema, 'GET /api/v1/privacy'],
  ['performance', performanceSchema, 'GET /api/v1/performance'],
  ['settings', settingsSchema, 'GET, PATCH and DELETE /api/v1/settings'],
  ['config', configSchema, 'GET /api/v1/config'],
  ['logs', logsSchema, 'GET /api/v1/logs'],
  ['control', controlSchema, 'POST /api/v1/control/...'],
  ['schemas', schemaListSchema, 'GET /api/v1/schemas'],
  ['session', whoSchema, 'GET and POST /api/v1/session'],
  ['problem', problemSchema, 'every route, for an error (RFC 9457)'],
];

/** Every message and answer; `npm run contract` writes a JSON Schema of each. */
export const messages: readonly Message[] = [
  ...answers.map(([name, schema, route]) => ({ name: `api.${name}`, schema, description: `Answer: ${route}.` })),
  { name: 'live.state', schema: stateMessageSchema, description: 'Text message on the WebSocket /live.' },
  { name: 'live.frame', schema: frameHeadSchema, description: 'Head of a binary message on the WebSocket /live.' },
  ...Object.entries(eventSchemas).map(([event, schema]) => ({
    name: `events.${event}`,
    schema,
    description: `Data of the event "${event}" of GET /api/v1/events.`,
  })),
  ...Object.entries(mqttMessages).map(([topic, { schema, description }]) => ({
    name: `mqtt.${topic.replaceAll('/', '-')}`,
    schema,
    description: `Payload of the MQTT topic "${topic}" below <mqtt.baseTopic>/<device.name>/. ${description}`,
  })),
];

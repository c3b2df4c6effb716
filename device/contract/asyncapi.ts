import { z } from '@hono/zod-openapi';
import { requests, settables } from './mqtt/commands.ts';
import { payloadSchema } from './mqtt/envelope.ts';
import { commandExamples, examples } from './mqtt/examples.ts';
import { type MqttTopic, mqttMessages } from './mqtt/topics.ts';

const description = `The MQTT interface of a Mien device. A label is an *apparent* expression: how a face looks, not what the person feels.

An operation \`send\` is a message that the device publishes, \`receive\` is a command that it carries out. Each JSON payload begins
with the same keys. (topic, \`device\`, \`boot_id\`, \`seq\`) identifies a message: one that is received twice has the same. A command
is answered on \`response/<name>\`. It is refused if it is retained or expired, and where \`mqtt.commands\` is off.`;

/** What the document says about one device. */
export interface Broker {
  readonly host: string;
  readonly protocol: string;
  readonly baseTopic: string;
  readonly device: string;
}

/** A device with the default configuration. */
export const anyBroker: Broker = { host: '127.0.0.1:1883', protocol: 'mqtt', baseTopic: 'mien', device: 'lobby' };

interface Entry {
  /** Below `{base}/{device}/`. */
  readonly topic: string;
  readonly action: 'send' | 'receive';
  readonly schema: z.ZodType;
  readonly description: string;
  readonly isText: boolean;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly example: unknown;
}

const sent: readonly Entry[] = Object.entries(mqttMessages).map(([topic, { schema, qos, retain, description }]) => ({
  topic: topic === 'response' ? 'response/{command}' : topic,
  action: 'send',
  ...{ schema, qos, retain, description },
  isText: topic === 'availability',
  example: examples[topic as MqttTopic],
}));

const received: readonly Entry[] = [...commandsOf('request', requests, false), ...commandsOf('set', settables, true)];

function commandsOf(
  prefix: string,
  commands: Readonly<Record<string, { readonly schema: z.ZodType; readonly description: string }>>,
  isText: boolean,
): Entry[] {
  return Object.entries(commands).map(([name, { schema, description }]) => {
    const topic = `${prefix}/${name}`;
    const example = commandExamples[topic];
    return { topic, action: 'receive', schema, description, isText, qos: 1, retain: false, example };
  });
}

/** The AsyncAPI 3 document of the MQTT interface, made from the schemas that check the messages. */
export function describeMqtt({ host, protocol, baseTopic, device }: Broker): object {
  const entries = [...sent, ...received];
  const each = (make: (entry: Entry) => object) =>
    Object.fromEntries(entries.map((entry) => [keyOf(entry), make(entry)]));
  const parameters = {
    base: { description: 'First level or levels of all topics (mqtt.baseTopic).', default: baseTopic },
    device: { description: 'Name of the device (device.name).', default: device },
  };
  return {
    asyncapi: '3.0.0',
    info: { title: 'Mien over MQTT', version: `${payloadSchema}.0.0`, description },
    defaultContentType: 'application/json',
    servers: {
      broker: {
        host,
        protocol,
        description: 'The broker of mqtt.url, in MQTT 5 or 3.1.1.',
        security: [{ $ref: '#/components/securitySchemes/user' }, { $ref: '#/components/securitySchemes/certificate' }],
      },
    },
    channels: each((entry) => channelOf(entry, parameters)),
    operations: each(operationOf),
    components: {
      messages: each(messageOf),
      securitySchemes: {
        user: { type: 'userPassword', description: 'mqtt.username and mqtt.password.' },
        certificate: { type: 'X509', description: 'mqtt.tls.cert and mqtt.tls.key.' },
      },
    },
  };
}

/** `camera-state`, `request-ping`, `response`. */
function keyOf({ topic }: Entry): string {
  return topic.replace('/{command}', '').replaceAll('/', '-');
}

function channelOf(entry: Entry, parameters: object): object {
  const { topic, description } = entry;
  const names = [...new Set([...Object.keys(requests), ...Object.keys(settables), 'unknown'])];
  const command = { description: 'Name of the command; `unknown` for one that does not exist.', enum: names };
  return {
    address: `{base}/{device}/${topic}`,
    description,
    parameters: { ...parameters, ...(topic.includes('{command}') && { command }) },
    messages: { [keyOf(entry)]: { $ref: `#/components/messages/${keyOf(entry)}` } },
  };
}

function operationOf(entry: Entry): object {
  const { action, description, qos, retain } = entry;
  const part = (key: string) => ({
    channel: { $ref: `#/channels/${key}` },
    messages: [{ $ref: `#/channels/${key}/messages/${key}` }],
  });
  return {
    action,
    summary: description,
    ...part(keyOf(entry)),
    ...(action === 'receive' && { reply: part('response') }),
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  };
}

function messageOf(entry: Entry): object {
  const { schema, action, isText, description, example } = entry;
  const { $schema, ...payload } = z.toJSONSchema(schema, {
    // AsyncAPI's own schema format is draft 07.
    target: 'draft-07',
    io: action === 'send' ? 'output' : 'input',
    override({ jsonSchema }) {
      // A receiver must not refuse new keys; the device refuses unknown ones of a command.
      if (action === 'send' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return {
    name: keyOf(entry),
    summary: description,
    contentType: isText ? 'text/plain' : 'application/json',
    payload,
    examples: [{ payload: example }],
  };
}

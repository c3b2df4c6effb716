import type { z } from '@hono/zod-openapi';
import { type Envelope, payloadSchema } from '../../contract/mqtt/envelope.ts';
import { type MqttTopic, mqttMessages } from '../../contract/mqtt/topics.ts';
import { toOutside } from '../../contract/outside.ts';
import type { OutboxRecord } from '../../core/store.ts';
import type { BrokerConnection } from './connection.ts';
import { minutePayload, visitPayload } from './payloads.ts';
import type { Refusals } from './refusals.ts';

export interface PublisherDeps {
  readonly connection: Pick<BrokerConnection, 'isConnected' | 'publish'>;
  readonly refusals: Refusals;
  /** `<mqtt.baseTopic>/<device.name>` */
  readonly base: string;
  readonly deviceName: string;
  readonly bootId: string;
}

/**
 * Publishes the messages of the device with their envelope, and reports those that the broker refuses. All promises resolve
 * when the broker has accepted the message (QoS 0: when it is sent), and reject otherwise.
 */
export class Publisher {
  readonly #deps: PublisherDeps;
  /** Messages sent per topic. */
  readonly #sent = new Map<string, number>();

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  topic(topic: string): string {
    return `${this.#deps.base}/${topic}`;
  }

  sendAvailability(state: 'online' | 'offline'): Promise<void> {
    const { qos, retain } = mqttMessages.availability;
    return this.deliver(this.topic('availability'), state, { qos, retain });
  }

  /** Sends a message about the present. @param at topic, if several topics have this schema */
  send(topic: MqttTopic, ts: number, body: object, at: string = topic): Promise<void> {
    const seq = (this.#sent.get(at) ?? 0) + 1;
    this.#sent.set(at, seq);
    return this.#publish(topic, { ts, boot_id: this.#deps.bootId, seq, historical: false }, body, at);
  }

  /** Publishes a record with its own boot and number, so that a receiver recognises a repeated one. */
  sendRecord(record: OutboxRecord, historical: boolean): Promise<void> {
    const { bootId, seq, endedAt } = record.kind === 'visit' ? record.visit : record.minute;
    const body = record.kind === 'visit' ? visitPayload(record.visit) : minutePayload(record.minute);
    return this.#publish(record.kind, { ts: endedAt, boot_id: bootId, seq, historical }, body);
  }

  async #publish(
    topic: MqttTopic,
    head: Omit<Envelope, 'schema' | 'device'>,
    body: object,
    at: string = topic,
  ): Promise<void> {
    const { schema, qos, retain } = mqttMessages[topic];
    const envelope: Envelope = { schema: payloadSchema, device: this.#deps.deviceName, ...head };
    const message = toOutside<z.ZodType>(schema, { ...envelope, ...body });
    await this.deliver(this.topic(at), JSON.stringify(message), { qos, retain });
  }

  /** @throws what the connection throws, after a refusal was reported */
  async deliver(
    topic: string,
    payload: string,
    options: { qos: 0 | 1; retain?: boolean },
    remedy = `Allow the user to publish below ${this.#deps.base}/`,
  ): Promise<void> {
    const { connection, refusals } = this.#deps;
    try {
      await connection.publish(topic, payload, options);
      refusals.accepted(topic);
    } catch (error) {
      // Not acknowledged although the connection is up: the broker has refused it.
      if (connection.isConnected) refusals.refused(topic, error, remedy);
      throw error;
    }
  }
}

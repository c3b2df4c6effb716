import { connect, type MqttClient } from 'mqtt';
import { createLog } from '../../../ops/log.ts';
import { type LocalBroker, startLocalBroker } from '../../../sinks/mqtt/broker.ts';
import { preciseNow } from './viewer.ts';

/** A broker in this process and a client that measures the latency of readings since their capture. */
export class Subscriber {
  readonly #broker: LocalBroker;
  readonly #client: MqttClient;
  #latencies: number[] = [];

  private constructor(broker: LocalBroker, client: MqttClient) {
    this.#broker = broker;
    this.#client = client;
    client.on('message', (topic, payload) => {
      const arrivedAt = preciseNow();
      if (!topic.endsWith('/reading')) return;
      const { ts } = JSON.parse(payload.toString()) as { ts: number };
      this.#latencies.push(arrivedAt - ts);
    });
  }

  static async start(): Promise<Subscriber> {
    const log = createLog({ level: 'silent', format: 'json' });
    const broker = await startLocalBroker({ host: '127.0.0.1', port: 0, log });
    const client = connect(broker.url);
    const subscriber = new Subscriber(broker, client);
    await client.subscribeAsync('mien/bench/#');
    return subscriber;
  }

  get url(): string {
    return this.#broker.url;
  }

  takeLatencies(): number[] {
    return this.#latencies.splice(0);
  }

  async stop(): Promise<void> {
    await this.#client.endAsync(true);
    await this.#broker.stop();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import type { Identity } from './verdict.ts';

export interface Received extends Identity {
  readonly historical: boolean;
  readonly cut: boolean;
  readonly dwellMs: number;
}

/** A face in a live reading. */
export interface Sight {
  readonly device: string;
  readonly bootId: string;
  readonly track: number;
  readonly ts: number;
}

/** A subscriber with a persistent session, so that the broker keeps for it what arrives while it is away. It records everything. */
export class Recorder {
  readonly records: Received[] = [];
  readonly sights: Sight[] = [];
  readonly #url: string;
  readonly #base: string;
  #client: MqttClient | undefined;

  constructor(url: string, base = 'mien') {
    this.#url = url;
    this.#base = base;
  }

  async start(): Promise<void> {
    const client = connect(this.#url, {
      ...{ clientId: 'recorder', clean: false, protocolVersion: 5, reconnectPeriod: 100 },
      properties: { sessionExpiryInterval: 86_400 },
    });
    this.#client = client;
    // Outages are part of the run; it connects again.
    client.on('error', () => {});
    client.on('message', (topic, payload) => this.#onMessage(topic.split('/').slice(1), payload.toString()));
    while (!client.connected) await sleep(20);
    await client.subscribeAsync(`${this.#base}/#`, { qos: 1 });
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  #onMessage([device, topic]: string[], text: string): void {
    if (topic === 'visit' || topic === 'minute') {
      const { id, boot_id, seq, ts, historical, cut, dwell_ms } = JSON.parse(text);
      const identity = { kind: topic, device: device!, id, bootId: boot_id, seq, ts } as const;
      this.records.push({ ...identity, historical, cut: cut === true, dwellMs: dwell_ms });
    } else if (topic === 'reading') {
      const { boot_id, ts, faces } = JSON.parse(text) as { boot_id: string; ts: number; faces: { track: number }[] };
      for (const { track } of faces) this.sights.push({ device: device!, bootId: boot_id, track, ts });
    }
  }
}

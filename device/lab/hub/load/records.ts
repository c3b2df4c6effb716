import { randomUUID } from 'node:crypto';

const labels = ['happy', 'neutral', 'sad', 'surprised', 'angry', 'uncertain'] as const;

/** Makes the records of one device, as its payloads. Every figure follows from the number of the record. */
export class DeviceRecords {
  readonly device: string;
  readonly #boot = randomUUID();
  #visits = 0;
  #minutes = 0;

  constructor(device: string) {
    this.device = device;
  }

  visit(now: number): Record<string, unknown> {
    const seq = ++this.#visits;
    const dwell = 1000 + ((seq * 7919) % 90_000);
    const dominant = labels[seq % labels.length]!;
    return {
      ...this.#envelope(seq, now),
      ...{ id: `${this.#boot}-${seq}`, track: seq, started_at: now - dwell, ended_at: now, dwell_ms: dwell },
      ...{ dominant, shares: { [dominant]: 0.7, neutral: 0.2, uncertain: 0.1 }, reasons: { dark: 0.1 } },
      ...{ happy_share: dominant === 'happy' ? 0.78 : null, confidence: 0.81, frames: Math.round(dwell / 100) },
      strongest: { label: dominant, probability: 0.93, ts: now - 500 },
    };
  }

  /** The minute that ends `now`. Every tenth one had its camera for 20 s only. */
  minute(now: number): Record<string, unknown> {
    const seq = ++this.#minutes;
    const watched = seq % 10 === 0 ? 20 : 60;
    return {
      ...this.#envelope(seq, now),
      ...{ id: `${this.#boot}-m${seq}`, start: now - 60_000, duration_s: 60, people: seq % 4 },
      ...{ visits_begun: seq % 3, visits_ended: seq % 3, dwell_ms: (seq % 3) * 12_000 },
      ...{ seconds: { happy: (seq * 3) % 20, neutral: 20, sad: 1 }, uncertain_s: 4.5 },
      ...{ watched_s: watched, blind_s: 60 - watched, paused_s: 0, model: 'fer-1.0', config: 'c0ffee' },
    };
  }

  #envelope(seq: number, now: number) {
    return { schema: 4, device: this.device, ts: now, boot_id: this.#boot, seq, historical: false };
  }
}

/** A record that is wrong on purpose. */
export interface WrongMessage {
  readonly fault: string;
  readonly kind: 'visit' | 'minute';
  readonly payload: Buffer;
  /** Where it ends: `stored` after a repair, in the table `rejected`, or `unparsed`: refused and counted by Telegraf. */
  readonly ends: 'stored' | 'rejected' | 'unparsed';
}

/** Everything that PostgreSQL or its driver refuses, each of which would otherwise stop all records after it. */
export function wrongMessages(device: string, now: number): readonly WrongMessage[] {
  const records = new DeviceRecords(device);
  const visit = (changes: Record<string, unknown>) =>
    Buffer.from(JSON.stringify({ ...records.visit(now), ...changes }));
  const minute = (changes: Record<string, unknown>) =>
    Buffer.from(JSON.stringify({ ...records.minute(now), ...changes }));
  const rejected = (fault: string, kind: 'visit' | 'minute', payload: Buffer) =>
    ({ fault, kind, payload, ends: 'rejected' }) as const;
  return [
    rejected('U+0000, escaped', 'visit', visit({ dominant: 'hap\u0000py' })),
    rejected('a number above bigint', 'visit', visit({ track: 1e30 })),
    rejected('a number above double precision', 'minute', bytes(minute({ watched_s: 'BIG' }), '"BIG"', '1e999')),
    rejected('a time above timestamptz', 'visit', visit({ ts: 1e18 })),
    rejected('a label whose value is no number', 'minute', minute({ seconds: { happy: 'much' } })),
    rejected('a boot_id above the size of an index entry', 'visit', visit({ boot_id: 'x'.repeat(10_000) })),
    rejected('the name of another device', 'minute', minute({ device: `${device}-other` })),
    rejected('a payload of schema 5', 'visit', visit({ schema: 5 })),
    rejected('no seq', 'minute', minute({ seq: undefined })),
    {
      fault: 'broken UTF-8',
      kind: 'visit',
      payload: bytes(visit({ dominant: 'BROKEN' }), 'BROKEN', '\xff\xfe'),
      ends: 'stored',
    },
    {
      fault: 'U+0000, as a byte',
      kind: 'visit',
      payload: bytes(visit({ dominant: 'BYTE' }), 'BYTE', '\0'),
      ends: 'unparsed',
    },
    { fault: 'half a JSON text', kind: 'minute', payload: minute({}).subarray(0, 50), ends: 'unparsed' },
  ];
}

/** Latin-1 keeps each byte as it is. */
function bytes(payload: Buffer, before: string, after: string): Buffer {
  return Buffer.from(payload.toString('latin1').replace(before, after), 'latin1');
}

import { expect, test } from 'vitest';
import { mqttMessages } from '../../contract/mqtt/topics.ts';
import { hubFile } from './files.ts';
import { telegraf } from './ingester.ts';
import { DeviceRecords, wrongMessages } from './load/records.ts';
import { faults } from './report.ts';

const kinds = ['visit', 'minute'] as const;
const schema = hubFile('postgresql/schema.sql');

test.each(kinds)('each field of a %s has a column', (kind) => {
  const fields = Object.keys(mqttMessages[kind].schema.shape).filter((name) => name !== 'schema');
  expect(columnsOf(kind).filter((name) => !['received', 'hour'].includes(name))).toEqual(
    expect.arrayContaining(fields),
  );
  expect(fieldsRead(kind).sort()).toEqual(fields.sort());
});

test.each(kinds)('the made-up %s keeps the contract', (kind) => {
  const record = new DeviceRecords('sim-00000')[kind](1_796_000_000_000);
  expect(mqttMessages[kind].schema.safeParse(record).error).toBeUndefined();
});

test('no wrong message but those that are repaired keeps the contract', () => {
  for (const { fault, kind, payload, ends } of wrongMessages('sim-00000', 1_796_000_000_000)) {
    if (ends === 'unparsed') expect(() => JSON.parse(payload.toString()), fault).toThrow();
    if (ends === 'stored')
      expect(mqttMessages[kind].schema.safeParse(JSON.parse(payload.toString())).success).toBe(true);
  }
});

test('a replacement that does not occur is refused', () => {
  expect(() => hubFile('mosquitto/mosquitto.conf', { 'listener 1883': 'listener 1' })).toThrow(
    'expected "listener 1883" in mosquitto/mosquitto.conf, found none',
  );
});

test('a lost and a repeated record are faults', () => {
  const sent = { visit: 2, minute: 3, repeated: 1, rejected: 1, unparsed: 0 };
  const lag = { p50: 0, p99: 0, max: 0 };
  const there = { visit: 2, minute: 3, distinct: 5, devices: 1, rejected: 1, lag, rowBytes: { visit: 1, minute: 1 } };
  expect(faults(sent, there)).toEqual([]);
  expect(faults(sent, { ...there, minute: 2, distinct: 4 })).toEqual([
    'minute: expected 3, got 2',
    'distinct: expected 5, got 4',
  ]);
  expect(faults(sent, { ...there, visit: 3 })).toEqual(['visit: expected 2, got 3']);
  expect(faults(sent, { ...there, rejected: 2 })).toEqual(['rejected: expected 1, got 2']);
});

test('a missing Telegraf is named with a way to get it', () => {
  const { TELEGRAF, PATH } = process.env;
  try {
    process.env.TELEGRAF = '/nowhere/telegraf';
    expect(telegraf).toThrow(
      'TELEGRAF: expected the path of the program telegraf, got /nowhere/telegraf, which does not exist',
    );
    delete process.env.TELEGRAF;
    process.env.PATH = '/nowhere';
    expect(telegraf).toThrow('expected the program telegraf, found none in PATH');
    expect(telegraf).toThrow(expect.objectContaining({ remedy: expect.stringMatching(/TELEGRAF/) }));
  } finally {
    process.env.PATH = PATH;
    if (TELEGRAF) process.env.TELEGRAF = TELEGRAF;
  }
});

/** Columns of the table. */
function columnsOf(kind: string): string[] {
  const [, body = ''] =
    new RegExp(`create table if not exists ${kind} \\(([\\s\\S]*?)\\n\\) partition`).exec(schema) ?? [];
  return [...body.matchAll(/^ {2}(\w+) (?!key)/gm)].map(([, name]) => name!);
}

/** Fields that the trigger reads from a payload. */
function fieldsRead(kind: string): string[] {
  const [, body = ''] = new RegExp(`function ${kind}_in\\(\\)[\\s\\S]*? as r\\(([\\s\\S]*?)\\);`).exec(schema) ?? [];
  return body.split(',').map((each) => each.trim().split(' ')[0]!);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startFakeBroker } from '../../lab/fixtures/fake-broker.ts';
import { endVisit, memoryOutbox, mqttSinks, until } from '../../lab/fixtures/mqtt-sink.ts';
import { SendQuota } from './send-quota.ts';

const { startSink, afterTest } = mqttSinks();

test.each([1, 2])(
  'no more than %i messages, the Receive Maximum of the broker, wait for it',
  async (receiveMaximum) => {
    const broker = await startFakeBroker({ receiveMaximum, acknowledgeMs: 2 });
    afterTest(() => broker.stop());
    const outbox = memoryOutbox();
    for (let seq = 1; seq <= 30; seq += 1) endVisit([outbox], seq);
    const { board, lines } = await startSink({ url: broker.url, outbox });
    await until(() => expect(outbox.records).toEqual([]));
    await until(() => expect(broker.seen.topics).toContain('mien/dev/visits'));
    expect(broker.seen).toMatchObject({ connects: 1, maxUnacknowledged: receiveMaximum });
    expect(broker.seen.topics[0]).toBe('mien/dev/availability');
    expect(board.current.mqtt).toMatchObject({ state: 'connected', reason: undefined });
    expect(lines.join()).not.toContain('refused');
  },
);

test('messages that wait when the connection ends are no refusals', async () => {
  const broker = await startFakeBroker({ receiveMaximum: 1, acknowledgeMs: 60_000 });
  const outbox = memoryOutbox();
  for (let seq = 1; seq <= 30; seq += 1) endVisit([outbox], seq);
  const { board, lines } = await startSink({ url: broker.url, outbox });
  await until(() => expect(broker.seen.topics).toHaveLength(1));
  broker.stop();
  await until(() => expect(board.current.mqtt.state).toBe('offline'));
  await sleep(50);
  expect(outbox.records).toHaveLength(30);
  expect(lines.join()).not.toContain('refused a message');
});

test('sends run in their order, and a rejected one makes room for the next', async () => {
  const quota = new SendQuota(2);
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const send = () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
  const settled: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    quota.run(send).then(
      () => settled.push(name),
      () => settled.push(`${name} rejected`),
    );
  }
  expect(ends).toHaveLength(2);
  ends[1]!.reject(new Error('lost'));
  await until(() => expect(ends).toHaveLength(3));
  ends[2]!.resolve();
  await until(() => expect(ends).toHaveLength(4));
  expect(settled).toEqual(['b rejected', 'c']);
});

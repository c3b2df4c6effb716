import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { endVisit, memoryOutbox } from '../../lab/fixtures/mqtt-sink.ts';
import { minute } from '../../lab/fixtures/store.ts';
import { RecordPump } from './record-pump.ts';

test.each(['visit', 'minute'] as const)('a broker that refuses each %s gets the other records', async (refused) => {
  const outbox = memoryOutbox();
  const lines: string[] = [];
  const published: string[] = [];
  const rights = { refuses: true };
  for (let seq = 1; seq <= 30; seq += 1) {
    endVisit([outbox], seq);
    outbox.records.push({ kind: 'minute', minute: minute(seq) });
  }
  const pump = new RecordPump({
    outbox,
    log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
    isConnected: () => true,
    retryMs: 50,
    publish: async ({ kind }) => {
      if (rights.refuses && kind === refused) throw new Error('Not authorized');
      published.push(kind);
    },
  });
  pump.start();
  pump.run();
  await vi.waitFor(() => expect(published).toHaveLength(30));
  expect(published).not.toContain(refused);
  expect(outbox.records.every(({ kind }) => kind === refused)).toBe(true);
  // Several tries later.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(lines).toHaveLength(1);
  rights.refuses = false;
  await vi.waitFor(() => expect(outbox.records).toEqual([]));
  expect(published).toHaveLength(60);
  await pump.stop();
});

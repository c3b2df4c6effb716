import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { everything, START, testStores, updated, visit, waitingVisits } from '../../../lab/fixtures/store.ts';
import { migrations } from './schema.ts';

const { build, path } = testStores();

test('a database of version 1 is migrated with its rows', async () => {
  const file = path('old.db');
  const old = new Sqlite(file);
  old.exec(migrations[0]!);
  old.pragma('user_version = 1');
  old.exec(`INSERT INTO label_sets VALUES (1, '["happy"]'); INSERT INTO boots VALUES (1, 'b', 0);
    INSERT INTO samples VALUES (1, ${START}, 1, 1, 'happy', 1, '[1]', 1, 3);`);
  old.close();
  const { sink, board } = build({ file });
  await sink.start();
  await updated({ board });
  expect(sink.summary({ from: START, to: START + 1 })).toMatchObject({ samples: 1, counts: { happy: 1 } });
  expect(sink.samples(everything).rows).toHaveLength(1);
});

test('a database of version 2 is migrated: values that can be derived are, the others are null', async () => {
  const file = path('old.db');
  const old = new Sqlite(file);
  for (const migration of migrations.slice(0, 2)) old.exec(migration);
  old.pragma('user_version = 2');
  old.exec(`INSERT INTO label_sets VALUES (1, '["happy","sad"]'); INSERT INTO boots VALUES (1, 'b', 0);
    INSERT INTO samples VALUES (1, ${START}, 1, 1, 'sad', 1, '[0.2,0.8]', 1, 3),
      (2, ${START + 1}, 1, 1, 'uncertain', 1, '[0.5,0.5]', 1, 3);
    INSERT INTO visits VALUES
      (3, 'b-1', 'b', 1, 1, ${START}, ${START + 9}, 9, 'sad', '{"happy":0.2,"sad":0.4,"uncertain":0.4}', 'sad', 0.9,
        ${START + 2}, 0.8, 5, 77),
      (7, 'b-2', 'b', 2, 2, ${START + 5}, ${START + 9}, 4, 'uncertain', '{"happy":0,"sad":0,"uncertain":1}', 'uncertain', 0,
        ${START + 5}, 0, 2, NULL);`);
  old.close();
  const { sink, board } = build({ file });
  await sink.start();
  await updated({ board });
  const sample = { track: 1, happyShare: null, score: 1, frames: 3 };
  expect(sink.samples(everything).rows).toEqual([
    { ...sample, ts: START, label: 'sad', probability: 0.8, probabilities: { happy: 0.2, sad: 0.8 } },
    { ...sample, ts: START + 1, label: 'uncertain', probability: null, probabilities: { happy: 0.5, sad: 0.5 } },
  ]);
  const [named, unnamed] = sink.visits(everything).rows;
  expect(named).toEqual({
    id: 'b-1',
    bootId: 'b',
    seq: 1,
    track: 1,
    startedAt: START,
    endedAt: START + 9,
    dwellMs: 9,
    dominant: 'sad',
    shares: { happy: 0.2, sad: 0.4, uncertain: 0.4 },
    reasons: {},
    happyShare: 0.3333,
    strongest: { label: 'sad', probability: 0.9, ts: START + 2 },
    confidence: 0.8,
    frames: 5,
  });
  const nothing = { happyShare: null, strongest: null, confidence: null };
  expect(unnamed).toMatchObject({ id: 'b-2', dominant: 'uncertain', reasons: {}, ...nothing });
  // An unpublished visit stays in the outbox, and new visits follow it.
  sink.onVisit?.(visit(1));
  expect(waitingVisits(sink, 10).map(({ id }) => id)).toEqual(['b-2', 'boot-1']);
});

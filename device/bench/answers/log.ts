import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { migrate } from '../../sinks/sqlite/schema.ts';

const labels = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
const spanMs = 29.5 * 86_400_000;
const perTransaction = 50_000;
/** Everybody stays for so many samples. */
const perVisit = 20;

/** Writes a log of a month: so many samples, one in ten thousand of a rare label, and a visit for each twenty of them. */
export function writeLog(folder: string, rows: number): void {
  mkdirSync(folder, { recursive: true });
  const database = new Sqlite(join(folder, 'mien.db'));
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = OFF');
    migrate(database);
    database.prepare('INSERT INTO label_sets VALUES (1, ?)').run(JSON.stringify(labels));
    database.exec(`INSERT INTO boots VALUES (1, 'made', 0)`);
    const sample = database.prepare(
      `INSERT INTO samples (ts, boot, track, label, label_set, probabilities, score, frames)
       VALUES (?, 1, ?, ?, 1, '[0.01,0.01,0.02,0.9,0.02,0.02,0.02]', 0.9, 12)`,
    );
    const visit = database.prepare(
      `INSERT INTO visits (id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, strongest_label,
         strongest_probability, strongest_ts, confidence, frames, published_at)
       VALUES (@id, 'made', @n, @n, @at, @at + 20000, 20000, 'neutral', '{"neutral":1}', 'neutral', 0.9, @at, 0.9, 240, @at)`,
    );
    const stepMs = spanMs / rows;
    const start = Date.now() - spanMs;
    const write = database.transaction((from: number, to: number) => {
      for (let n = from; n < to; n += 1) {
        const at = Math.round(start + n * stepMs);
        sample.run(at, Math.floor(n / perVisit), n % 10_000 === 0 ? 'disgust' : 'neutral');
        if (n % perVisit === 0) visit.run({ id: `made-${n}`, n, at });
      }
    });
    for (let n = 0; n < rows; n += perTransaction) write(n, Math.min(rows, n + perTransaction));
    database.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

import type { Database } from 'better-sqlite3';

/**
 * Numbered migrations: entry n takes a database from `user_version` n to n + 1. Never edit one that was released; add one.
 *
 * A sample names its labels once (`label_sets`, in the order of the model card) and carries the bare numbers as a JSON
 * array in that order: a third of the size of an object per row, and `json_extract(probabilities, '$[3]')` still reads it.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE boots (
    n INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL UNIQUE,
    started_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE label_sets (
    n INTEGER PRIMARY KEY,
    labels TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE samples (
    n INTEGER PRIMARY KEY,
    ts INTEGER NOT NULL,
    boot INTEGER NOT NULL REFERENCES boots (n),
    track INTEGER NOT NULL,
    label TEXT NOT NULL,
    label_set INTEGER NOT NULL REFERENCES label_sets (n),
    probabilities TEXT NOT NULL,
    score REAL NOT NULL,
    frames INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX samples_ts ON samples (ts);

  CREATE TABLE visits (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    boot_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    track INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    dwell_ms INTEGER NOT NULL,
    dominant TEXT NOT NULL,
    shares TEXT NOT NULL,
    strongest_label TEXT NOT NULL,
    strongest_probability REAL NOT NULL,
    strongest_ts INTEGER NOT NULL,
    confidence REAL NOT NULL,
    frames INTEGER NOT NULL,
    published_at INTEGER
  ) STRICT;
  CREATE INDEX visits_started_at ON visits (started_at);
  CREATE INDEX visits_unpublished ON visits (n) WHERE published_at IS NULL;
  `,
  // Summaries of days are counted from the index alone.
  `
  DROP INDEX samples_ts;
  CREATE INDEX samples_ts ON samples (ts, label);
  `,
  // A visit without a named moment has neither a strongest one nor a confidence. SQLite cannot drop a NOT NULL: the table is
  // made anew. The probability of an old sample is derived when it is read: rewriting a month of samples takes minutes.
  `
  ALTER TABLE samples ADD COLUMN reason TEXT;
  ALTER TABLE samples ADD COLUMN probability REAL;
  ALTER TABLE samples ADD COLUMN happy_share REAL;

  CREATE TABLE named_visits (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    boot_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    track INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    dwell_ms INTEGER NOT NULL,
    dominant TEXT NOT NULL,
    shares TEXT NOT NULL,
    reasons TEXT NOT NULL,
    happy_share REAL,
    strongest_label TEXT,
    strongest_probability REAL,
    strongest_ts INTEGER,
    confidence REAL,
    frames INTEGER NOT NULL,
    published_at INTEGER
  ) STRICT;
  INSERT INTO named_visits
  SELECT n, id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, '{}',
    (SELECT CASE WHEN sum(value) > 0 THEN round(sum(iif(key = 'happy', value, 0)) / sum(value), 4) END
     FROM json_each(shares) WHERE key <> 'uncertain'),
    iif(dominant = 'uncertain', NULL, strongest_label),
    iif(dominant = 'uncertain', NULL, strongest_probability),
    iif(dominant = 'uncertain', NULL, strongest_ts),
    iif(dominant = 'uncertain', NULL, confidence),
    frames, published_at
  FROM visits;
  DROP TABLE visits;
  ALTER TABLE named_visits RENAME TO visits;
  CREATE INDEX visits_started_at ON visits (started_at);
  CREATE INDEX visits_unpublished ON visits (n) WHERE published_at IS NULL;
  `,
  // Stays under way, each as the visit (JSON) that it would be if it ended now.
  `
  ALTER TABLE visits ADD COLUMN cut INTEGER;
  CREATE TABLE stays (
    track INTEGER PRIMARY KEY,
    visit TEXT NOT NULL
  ) STRICT;
  `,
  // When the clock was last believed, what is left of the wait until it is again, and the last rows at moments of that clock.
  `
  CREATE TABLE clock_state (
    n INTEGER PRIMARY KEY CHECK (n = 1),
    seen_at INTEGER,
    wait_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE clock_marks (
    n INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    visits INTEGER NOT NULL
  ) STRICT;
  `,
];

export const schemaVersion = migrations.length;

/** Runs the migrations that the database lacks, each in a transaction of its own. */
export function migrate(database: Database): void {
  for (let version = versionOf(database); version < schemaVersion; version += 1) {
    database.transaction(() => {
      database.exec(migrations[version]!);
      database.pragma(`user_version = ${version + 1}`);
    })();
  }
}

export function versionOf(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

import type { Database } from 'better-sqlite3';

/**
 * Numbered migrations: entry n updates a database from `user_version` n to n + 1. Never edit a released one; add another.
 *
 * The labels are stored once (`label_sets`, in the order of the model card). A sample has the numbers as a JSON array in
 * that order: a third of the size of an object, and `json_extract(probabilities, '$[3]')` still reads it.
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
  // With this index alone, the summary of a day can be counted.
  `
  DROP INDEX samples_ts;
  CREATE INDEX samples_ts ON samples (ts, label);
  `,
  // A visit without a named moment has no strongest moment and no confidence. SQLite cannot drop a NOT NULL, so the table is
  // rebuilt. The probability of an old sample is derived at each read: rewriting a month of samples takes minutes.
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
  // Stays in progress, each as the visit (JSON) that it would be if it ended now.
  `
  ALTER TABLE visits ADD COLUMN cut INTEGER;
  CREATE TABLE stays (
    track INTEGER PRIMARY KEY,
    visit TEXT NOT NULL
  ) STRICT;
  `,
  // When the clock was last trusted, the rest of the wait until it is trusted again, and the last rows at moments of that clock.
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
  // One record per minute, its outbox, and the minute in progress (JSON) of each boot.
  `
  CREATE TABLE added_migrations (
    n INTEGER PRIMARY KEY
  ) STRICT;
  CREATE TABLE minutes (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    boot_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    people INTEGER NOT NULL,
    visits_begun INTEGER NOT NULL,
    visits_ended INTEGER NOT NULL,
    dwell_ms INTEGER NOT NULL,
    ended TEXT NOT NULL,
    shown_ms TEXT NOT NULL,
    watched_ms INTEGER NOT NULL,
    blind_ms INTEGER NOT NULL,
    paused_ms INTEGER NOT NULL,
    model TEXT NOT NULL,
    config TEXT NOT NULL,
    cut INTEGER,
    published_at INTEGER
  ) STRICT;
  CREATE INDEX minutes_started_at ON minutes (started_at);
  CREATE INDEX minutes_unpublished ON minutes (n) WHERE published_at IS NULL;
  CREATE TABLE open_minutes (
    boot_id TEXT PRIMARY KEY,
    minute TEXT NOT NULL
  ) STRICT;
  `,
  // Minutes that are summed up: a row of `hours` has those with the numbers from `first_minute` to `last_minute` that begin in
  // its hour. `minute_boots` are the boots that write minutes; `unrolled` the rows of the others that no minute counts yet. `store_state` has single values.
  `
  CREATE TABLE hours (
    n INTEGER PRIMARY KEY,
    start INTEGER NOT NULL,
    first_minute INTEGER NOT NULL,
    last_minute INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    people INTEGER NOT NULL,
    visits_begun INTEGER NOT NULL,
    visits_ended INTEGER NOT NULL,
    dwell_ms INTEGER NOT NULL,
    ended TEXT NOT NULL,
    shown_ms TEXT NOT NULL,
    watched_ms INTEGER NOT NULL,
    blind_ms INTEGER NOT NULL,
    paused_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX hours_start ON hours (start);
  CREATE TABLE minute_boots (
    boot INTEGER PRIMARY KEY,
    sample_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE unrolled (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE store_state (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE clock_marks ADD COLUMN minutes INTEGER;
  ALTER TABLE open_minutes ADD COLUMN after_sample INTEGER;
  ALTER TABLE open_minutes ADD COLUMN after_visit INTEGER;
  `,
];

export const schemaVersion = migrations.length;

/**
 * The format of the database (`user_version`). Migrations above it only add tables, indexes and columns that may be null, so a
 * Mien that knows this format reads and writes the database of a newer one. They are counted in `added_migrations`.
 */
export const formatVersion = 5;

/** Runs the missing migrations, each in its own transaction. */
export function migrate(database: Database): void {
  for (let version = versionOf(database) + 1; version <= schemaVersion; version += 1) {
    database.transaction(() => {
      database.exec(migrations[version - 1]!);
      if (version <= formatVersion) database.pragma(`user_version = ${version}`);
      else database.prepare('INSERT INTO added_migrations (n) VALUES (?)').run(version);
    })();
  }
}

/** Number of the last migration of this database. */
export function versionOf(database: Database): number {
  const format = formatOf(database);
  const hasMore = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'added_migrations'").get();
  if (!hasMore) return format;
  const last = database.prepare('SELECT max(n) FROM added_migrations').pluck().get() as number | null;
  return Math.max(format, last ?? 0);
}

export function formatOf(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

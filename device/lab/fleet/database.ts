import type { Host } from './host.ts';

/** What a check compares of the database of a host. */
export interface Database {
  readonly format: number;
  readonly boots: number;
}

/** Read with the Python of the host, which is there for Ansible. */
export function databaseOf(host: Host): Database {
  const script = [
    'import sqlite3, json',
    "db = sqlite3.connect('file:/var/lib/mien/mien.db?mode=ro', uri=True)",
    'one = lambda sql: db.execute(sql).fetchone()[0]',
    "print(json.dumps({'format': one('PRAGMA user_version'), 'boots': one('SELECT count(*) FROM boots')}))",
  ];
  return JSON.parse(host.run('python3', '-c', script.join('\n'))) as Database;
}

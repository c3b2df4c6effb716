import { execFile, execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, Engine, findProgram, idsOf } from './engine.ts';
import { folderFor, hubFiles } from './files.ts';

const user = 'postgres';
const debianFolder = '/usr/lib/postgresql';
const run = promisify(execFile);

/** PostgreSQL with the deployed schema. */
export class Database {
  readonly port: number;
  readonly #engine: Engine;
  readonly #data: string;

  constructor(folder: string, port: number) {
    this.port = port;
    const home = folderFor(user, join(folder, 'postgresql'));
    this.#data = join(home, 'data');
    const init = ['-D', this.#data, '-A', 'trust', '-U', user, '--no-locale', '-E', 'UTF8'];
    execFileSync(program('initdb'), init, { stdio: 'pipe', cwd: '/', ...idsOf(user) });
    const options = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
    const args = ['-D', this.#data, '-p', String(port), ...options];
    const logFile = join(folder, 'postgresql.log');
    this.#engine = new Engine({ name: 'postgres', file: program('postgres'), args, logFile, user });
  }

  async start(): Promise<void> {
    await this.#engine.start(async () => (await answers(this.port)) && this.#accepts());
  }

  /** SIGINT is PostgreSQL's fast shutdown: it breaks the connections of clients. */
  end(): Promise<void> {
    return this.#engine.end('SIGINT');
  }

  async createSchema(): Promise<void> {
    await this.#psql('postgres', user, ['-c', 'create database mien']);
    await this.#psql('mien', user, ['-1', '-f', join(hubFiles, 'postgresql/schema.sql')]);
  }

  /** The rows of a statement, as JSON. */
  async rows<Row = Readonly<Record<string, unknown>>>(statement: string, role = user): Promise<readonly Row[]> {
    const text = `select coalesce(json_agg(r), '[]') from (${statement}) as r`;
    return JSON.parse(await this.#psql('mien', role, ['-At', '-c', text])) as Row[];
  }

  /** Runs statements that return nothing. */
  async run(statements: string): Promise<void> {
    await this.#psql('mien', user, ['-c', statements]);
  }

  /** Address for a client that logs in as `role`. */
  urlFor(role: string): string {
    return `postgres://${role}@127.0.0.1:${this.port}/mien?sslmode=disable`;
  }

  async #accepts(): Promise<boolean> {
    try {
      await this.#psql('postgres', user, ['-c', 'select 1']);
      return true;
    } catch {
      // Refused: PostgreSQL is still starting or recovering.
      return false;
    }
  }

  async #psql(database: string, role: string, args: readonly string[]): Promise<string> {
    const address = ['-h', '127.0.0.1', '-p', String(this.port), '-U', role, '-d', database];
    const strict = ['-X', '-q', '-v', 'ON_ERROR_STOP=1'];
    const options = { maxBuffer: 64e6, encoding: 'utf8' } as const;
    const { stdout } = await run(program('psql'), [...strict, ...address, ...args], options);
    return stdout;
  }
}

function program(name: string): string {
  let versions: string[] = [];
  try {
    versions = readdirSync(debianFolder).map((version) => join(debianFolder, version, 'bin'));
  } catch {
    // Not Debian: the programs are in PATH.
  }
  return findProgram(name, versions.reverse(), 'apt-get install postgresql');
}

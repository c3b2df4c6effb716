/** One line of the log. */
export interface LogLine {
  /** ISO 8601. */
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const severities: Readonly<Record<string, number>> = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

/** The newest lines of the log, in memory, for the operator page. */
export class LogRing {
  readonly #size: number;
  readonly #lines: LogLine[] = [];

  constructor(size = 1000) {
    this.#size = size;
  }

  /** @param json one line as pino writes it, masked */
  write(json: string): void {
    const { time, level, msg = '', ...fields } = JSON.parse(json) as LogLine & Record<string, unknown>;
    this.#lines.push({ time, level, msg, ...(Object.keys(fields).length > 0 && { fields }) });
    if (this.#lines.length > this.#size) this.#lines.shift();
  }

  /** The newest `limit` lines of at least this severity, oldest first. */
  lines({ level, limit }: { level: LogLevel; limit: number }): readonly LogLine[] {
    const minSeverity = severities[level]!;
    return this.#lines.filter((line) => (severities[line.level] ?? 0) >= minSeverity).slice(-limit);
  }
}

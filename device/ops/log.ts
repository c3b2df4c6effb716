import { type Logger, pino } from 'pino';
import type { Config } from '../config/schema.ts';
import { describeError } from '../core/errors.ts';
import { type Mask, maskAll, maskUrls } from '../core/mask.ts';
import type { LogRing } from './log-ring.ts';

/** Where log lines go. */
interface LogOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface LogParts {
  /** Standard error by default, so that standard output holds only a command's own output. */
  readonly output?: LogOutput;
  /** Keeps the newest lines for the operator page. */
  readonly ring?: LogRing;
  /** Masks secrets in each text. */
  readonly mask?: Mask;
}

/**
 * The log of a process: JSON lines for a collector, or one short line each for a person.
 *
 * Lines are written synchronously: the lines just before a crash are the ones needed to explain it.
 */
export function createLog(
  config: Config['log'],
  { output = process.stderr, ring, mask = maskUrls }: LogParts = {},
): Logger {
  const text = config.format === 'text' || (config.format === 'auto' && output.isTTY === true);
  const stream = {
    write(written: string) {
      const line = `${JSON.stringify(maskAll(JSON.parse(written), mask))}\n`;
      output.write(text ? formatLine(line) : line);
      ring?.write(line);
    },
  };
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError, err: describeError },
    },
    stream,
  );
}

/** `12:30:59 warn  camera: lost source=/dev/video0 reason="no frame for 5 s"` */
function formatLine(line: string): string {
  const { time, level, msg, part, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 19);
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${format(value)}`);
  const message = part === undefined ? msg : `${part}: ${msg}`;
  return `${[clock, String(level).padEnd(5), message, ...rest].join(' ')}\n`;
}

function format(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[\s"=]/.test(text) && typeof value === 'string' ? JSON.stringify(text) : text;
}

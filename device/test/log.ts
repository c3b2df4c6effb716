import type { Log } from '../core/log.ts';

/** A log that keeps what it is told, for tests to read. */
export interface HeardLog extends Log {
  readonly lines: { readonly level: string; readonly text: string }[];
}

export function heardLog(): HeardLog {
  const lines: { level: string; text: string }[] = [];
  const hear =
    (level: string) =>
    (...parts: unknown[]) => {
      lines.push({ level, text: parts.filter((part) => typeof part === 'string').join(' ') });
    };
  const log = { lines, debug: hear('debug'), info: hear('info'), warn: hear('warn'), error: hear('error') };
  return { ...log, child: () => log } as unknown as HeardLog;
}

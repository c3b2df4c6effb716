import type { Logs } from '../answers.ts';

export type LogLine = Logs['lines'][number];

/** Lines that contain every search word, in any order and case. */
export function filterLines(lines: readonly LogLine[], wanted: string): readonly LogLine[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return lines;
  return lines.filter(({ level, msg, fields }) => {
    const text = `${level} ${msg} ${moreOf(fields)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The fields of a line as text; empty without fields. */
export function moreOf(fields: LogLine['fields']): string {
  return fields === undefined || Object.keys(fields).length === 0 ? '' : JSON.stringify(fields);
}

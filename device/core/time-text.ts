/** What `parseTime` accepts, for messages. */
export const timeExpected = 'milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z';
export const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
/** The latest time that a Date can hold (ECMA-262, 21.4.1.1). */
const lastMs = 8.64e15;

/** A time as milliseconds since 1970, or as ISO 8601 with its UTC offset; undefined for another text. */
export function parseTime(text: string): number | undefined {
  const ms = /^\d{1,16}$/.test(text) ? Number(text) : isoTime.test(text) ? Date.parse(text) : Number.NaN;
  return ms >= 0 && ms <= lastMs ? ms : undefined;
}

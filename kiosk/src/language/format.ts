import { language, languages } from './language.ts';

/** Numbers, shares and times in the format of the page's language. */

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const plurals = new Intl.PluralRules(language);

export function formatNumber(value: number): string {
  return whole.format(value);
}

/** @param value 0..1 */
export function formatShare(value: number): string {
  return share.format(value);
}

/** Hours and minutes. @param ms since 1970 */
export function formatTime(ms: number): string {
  return time.format(ms);
}

/** @param unit such as `second` or `minute` */
export function formatDuration(value: number, unit: 'second' | 'minute' | 'hour' | 'day'): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(
    value,
  );
}

/** The plural form for a count: `one` or `other`, which are enough for the five languages. */
export function pluralOf<T>(count: number, forms: { readonly one: T; readonly other: T }): T {
  return plurals.select(count) === 'one' ? forms.one : forms.other;
}

/**
 * A number with its sign, for a place among Arabic letters: without this, 88% after a word would be shown as %88 (rule
 * W2 of Unicode's bidirectional algorithm).
 */
export function isolated(text: string): string {
  return languages[language].direction === 'rtl' ? `\u2066${text}\u2069` : text;
}

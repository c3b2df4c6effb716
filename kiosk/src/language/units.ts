import { isolated } from './format.ts';
import { language } from './language.ts';

const made = new Map<string, Intl.NumberFormat>();

/** A value with its unit. @param unit such as `celsius`, `millisecond`, `megabyte` (ECMA-402's names) */
export function formatUnit(value: number, unit: string, digits = 0): string {
  const key = `${unit} ${digits}`;
  let format = made.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    });
    made.set(key, format);
  }
  const text = format.format(value);
  // A unit in Arabic letters follows the direction of the line; one in Latin letters stays behind its number.
  return /\p{Script=Arabic}/u.test(text) ? text : isolated(text);
}

import { decimalPoint, formatFigure } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { asText, type Field, type Value } from './fields.ts';
import type { SettingMessages, SettingPath } from './messages/setting-messages.ts';
import { settingTexts } from './messages/texts.ts';

/** Texts of a setting in the page's language. A newer device may have settings that this page does not know. */

export function titleOf(path: string): string | undefined {
  return settingTexts.titles[path as SettingPath];
}

/** @returns undefined without a translation */
export function descriptionOf(path: string): string | undefined {
  return settingTexts.descriptions[path as SettingPath];
}

export function unitOf({ unit }: Pick<Field, 'unit'>): string {
  return unit === undefined ? '' : settingTexts.units[unit];
}

/** Name of a choice; the value itself without a name. */
export function optionName(path: string, option: string): string {
  const named = settingTexts.options[path as keyof SettingMessages['options']];
  return (named as Readonly<Record<string, string>> | undefined)?.[option] ?? option;
}

export function valueText(path: string, value: Value): string {
  if (typeof value === 'boolean') return value ? texts.on : texts.off;
  return typeof value === 'number' ? asText(value, decimalPoint) : optionName(path, value);
}

/** The range of a number: `0.1 to 120`. */
export function boundsOf({ min, max }: Field): string | undefined {
  if (min === undefined || max === undefined) return undefined;
  return texts.bounds(formatFigure(min, 'thousandths'), formatFigure(max, 'thousandths'));
}

/** Expected values of a field in the page's language; undefined where its bounds are not enough to tell. */
export function expectedOf(field: Field): string | undefined {
  const { kind, isInteger, min, max, multipleOf, maxLetters, options, path } = field;
  const { expected } = settingTexts;
  if (kind === 'choice') return expected.option(options.map((option) => optionName(path, option)).join(', '));
  const format = (settingTexts.formats as Readonly<Record<string, string>>)[path];
  if (format !== undefined) return format;
  if (kind === 'text') return maxLetters === undefined ? undefined : expected.letters(formatFigure(maxLetters));
  if (kind !== 'number' || min === undefined || max === undefined) return undefined;
  const [from, to] = [formatFigure(min, 'thousandths'), formatFigure(max, 'thousandths')];
  const range = (isInteger ? expected.integer : expected.number)(from, to, unitOf(field));
  return multipleOf === undefined ? range : `${range}, ${expected.multiple(formatFigure(multipleOf, 'thousandths'))}`;
}

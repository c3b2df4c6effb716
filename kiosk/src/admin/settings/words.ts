import { decimalPoint, formatFigure } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { asText, type Field, type Value } from './fields.ts';
import type { SettingMessages, SettingPath } from './messages/setting-messages.ts';
import { settingTexts } from './messages/texts.ts';

/** A setting in the words of the page's language; a device of a later version may have one that this page does not know. */

export function titleOf(path: string): string | undefined {
  return settingTexts.titles[path as SettingPath];
}

/** @returns undefined where the device's own English is all there is */
export function descriptionOf(path: string): string | undefined {
  return settingTexts.descriptions[path as SettingPath];
}

export function unitOf({ unit }: Pick<Field, 'unit'>): string {
  return unit === undefined ? '' : settingTexts.units[unit];
}

/** One choice of a setting; as it stands in the configuration where it has no name. */
export function optionName(path: string, option: string): string {
  const named = settingTexts.options[path as keyof SettingMessages['options']];
  return (named as Readonly<Record<string, string>> | undefined)?.[option] ?? option;
}

export function valueText(path: string, value: Value): string {
  if (typeof value === 'boolean') return value ? texts.on : texts.off;
  return typeof value === 'number' ? asText(value, decimalPoint) : optionName(path, value);
}

/** The range of a number: `0.1 to 120`. */
export function boundsOf({ least, most }: Field): string | undefined {
  if (least === undefined || most === undefined) return undefined;
  return texts.bounds(formatFigure(least, 'thousandths'), formatFigure(most, 'thousandths'));
}

/** What a field expects, in the page's language; undefined where its bounds do not say it. */
export function expectedOf(field: Field): string | undefined {
  const { kind, isInteger, least, most, multipleOf, mostLetters, options, path } = field;
  const { expected } = settingTexts;
  if (kind === 'choice') return expected.option(options.map((option) => optionName(path, option)).join(', '));
  const format = (settingTexts.formats as Readonly<Record<string, string>>)[path];
  if (format !== undefined) return format;
  if (kind === 'text') return mostLetters === undefined ? undefined : expected.letters(formatFigure(mostLetters));
  if (kind !== 'number' || least === undefined || most === undefined) return undefined;
  const [from, to] = [formatFigure(least, 'thousandths'), formatFigure(most, 'thousandths')];
  const range = (isInteger ? expected.integer : expected.number)(from, to, unitOf(field));
  return multipleOf === undefined ? range : `${range}, ${expected.multiple(formatFigure(multipleOf, 'thousandths'))}`;
}

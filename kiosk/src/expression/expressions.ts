import { uncertain } from '../../../device/core/labels.ts';
import { language } from '../language/language.ts';
import { type Expression, knownExpressions } from './known.ts';
import { names } from './names.ts';

/** Names that data sets and models use for the same expressions. */
const synonyms: Readonly<Record<string, Expression>> = {
  anger: 'angry',
  disgusted: 'disgust',
  fearful: 'fear',
  happiness: 'happy',
  joy: 'happy',
  sadness: 'sad',
  surprised: 'surprise',
};

/** The expression of a model's label; `undefined` for labels outside the seven (such as `uncertain`). */
export function expressionOf(label: string): Expression | undefined {
  const lower = label.toLowerCase();
  return (knownExpressions as readonly string[]).includes(lower) ? (lower as Expression) : synonyms[lower];
}

/** Key of its colour in a palette (theme/palette.ts). */
export function colourKeyOf(label: string): Expression | 'uncertain' | 'other' {
  return expressionOf(label) ?? (label === uncertain ? uncertain : 'other');
}

/** Its colour in the page's theme, as CSS. */
export function colourOf(label: string): string {
  return `var(--expression-${colourKeyOf(label)})`;
}

/** The name on the screen. A label without a translation is shown unchanged. */
export function nameOf(label: string): string {
  const known = expressionOf(label) ?? (label === uncertain ? uncertain : undefined);
  return known ? names[language][known] : label.charAt(0).toUpperCase() + label.slice(1);
}

/** The name inside a sentence, in lower case in all five languages. */
export function nameInText(label: string): string {
  const name = nameOf(label);
  return name.charAt(0).toLocaleLowerCase(language) + name.slice(1);
}

/** From the bottom of the chart to its top. Unknown labels come last, in the order of the model card, then `uncertain`. */
export function inChartOrder(labels: readonly string[]): string[] {
  const rank = (label: string) => {
    const at = knownExpressions.indexOf(expressionOf(label) as Expression);
    if (label === uncertain) return knownExpressions.length + 1;
    return at < 0 ? knownExpressions.length : at;
  };
  return [...labels].sort((a, b) => rank(a) - rank(b));
}

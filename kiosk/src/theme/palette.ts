import { type Expression, knownExpressions } from '../expression/known.ts';

export const themes = ['dark', 'light', 'contrast'] as const;

export type Theme = (typeof themes)[number];

type Palette = Readonly<Record<Expression | 'uncertain' | 'other', string>>;

/**
 * From Okabe and Ito's palette, lifted for a dark ground and then moved apart until each pair differs clearly (CIELAB
 * distance over 18) for people with any kind of colour blindness. Contrast with the ground, and with dark letters: over 4.5.
 * `uncertain`, which stands for no expression, is duller than all others; `other` is for labels that Mien does not know.
 */
const onDark: Palette = {
  neutral: '#adaead',
  happy: '#fdd63b',
  surprise: '#f58d33',
  sad: '#40d7ff',
  fear: '#c886c4',
  disgust: '#51b972',
  angry: '#e56144',
  uncertain: '#8c7d73',
  other: '#d8d4ca',
};

/** The same for a light ground, darkened and moved apart. Contrast with it over 3: for bars, glyphs and large letters. */
const onLight: Palette = {
  neutral: '#738682',
  happy: '#c77500',
  surprise: '#ad3406',
  sad: '#246ed8',
  fear: '#ac2896',
  disgust: '#02934b',
  angry: '#760000',
  uncertain: '#533440',
  other: '#3a3a38',
};

export const palettes: Readonly<Record<Theme, Palette>> = { dark: onDark, light: onLight, contrast: onDark };

/** Colour of letters on a plate of this colour, and of a halo around its box: dark or light, whichever has more contrast. */
export function inkOn(colour: string): (typeof inks)[keyof typeof inks] {
  return luminanceOf(colour) > 0.18 ? inks.dark : inks.light;
}

export const inks = { dark: '#121316', light: '#ffffff' } as const;

/** Relative luminance, 0..1 (WCAG 2). @param hex such as `#fdd63b` */
export function luminanceOf(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export const paletteKeys = [...knownExpressions, 'uncertain', 'other'] as const;

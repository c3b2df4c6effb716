import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { uncertain } from '../../../device/core/labels.ts';
import { inkOn, luminanceOf, palettes, type Theme, themes } from '../theme/palette.ts';
import { colourOf, expressionOf, inChartOrder, nameOf } from './expressions.ts';
import { knownExpressions } from './known.ts';

const style = readFileSync(new URL('../theme/theme.css', import.meta.url), 'utf8');
/** All labels that may appear side by side on the page. */
const shown = [...knownExpressions, uncertain] as const;

/** A colour of a theme, read from its style sheet. */
function token(theme: Theme, name: string): string {
  return new RegExp(`data-theme="${theme}"\\] \\{[^}]*--${name}: (#[0-9a-f]{6})`).exec(style)![1]!;
}

describe('labels', () => {
  test('of several data sets map to the same expressions', () => {
    expect(['happy', 'Happiness', 'joy'].map(expressionOf)).toEqual(['happy', 'happy', 'happy']);
    expect(nameOf('surprise')).toBe('Surprised');
    expect(nameOf('uncertain')).toBe('Not clear');
  });

  test('that are unknown are shown unchanged, in the colour of other labels', () => {
    expect(expressionOf('contempt')).toBeUndefined();
    expect(nameOf('contempt')).toBe('Contempt');
    expect(shown.map(colourOf)).not.toContain(colourOf('contempt'));
  });

  test('have a fixed order that does not depend on the model; unknown ones come last', () => {
    const card = ['contempt', 'angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
    expect(inChartOrder(card)).toEqual([...knownExpressions, 'contempt']);
    expect(inChartOrder([uncertain, ...card])).toEqual([...knownExpressions, 'contempt', uncertain]);
  });
});

describe.each(themes)('colours of the theme %s', (theme) => {
  const ground = token(theme, 'ground');
  // Small letters on a light ground are never coloured. Bars and large letters need a contrast of 3 (WCAG 1.4.11, 1.4.3).
  const min = theme === 'light' ? 3 : 4.5;

  test.each(shown)('%s stands out from the ground (WCAG AA)', (label) => {
    expect(contrast(palettes[theme][label], ground)).toBeGreaterThan(min);
  });

  test.each([...shown, 'other'] as const)('letters on a plate of %s can be read', (label) => {
    const plate = palettes[theme][label];
    expect(contrast(inkOn(plate), plate)).toBeGreaterThan(4.5);
  });

  test.each(['paper', 'quiet', 'alarm', 'good', 'action'])('letters in %s can be read', (name) => {
    for (const under of ['ground', 'raised']) {
      expect(contrast(token(theme, name), token(theme, under))).toBeGreaterThan(theme === 'contrast' ? 7 : 4.5);
    }
  });

  test('letters on a button can be read', () => {
    expect(contrast(token(theme, 'on-action'), token(theme, 'action'))).toBeGreaterThan(4.5);
  });

  // Matrices of Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
  test.each<[string, readonly number[]]>([
    ['full colour vision', [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    ['protanopia', [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]],
    ['deuteranopia', [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881]],
    ['tritanopia', [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039]],
  ])('stay apart with %s', (_name, matrix) => {
    const seen = shown.map((label) => ({ label, lab: toLab(see(toLinear(palettes[theme][label]), matrix)) }));
    for (const [index, one] of seen.entries()) {
      for (const other of seen.slice(index + 1)) {
        expect(
          Math.hypot(...one.lab.map((value, at) => value - other.lab[at]!)),
          `${one.label} ${other.label}`,
        ).toBeGreaterThan(18);
      }
    }
  });
});

function toLinear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function contrast(one: string, other: string): number {
  const [low, high] = [one, other].map(luminanceOf).sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

function see(rgb: number[], m: readonly number[]): number[] {
  const rows = [m.slice(0, 3), m.slice(3, 6), m.slice(6, 9)];
  return rows.map((row) =>
    Math.max(
      0,
      Math.min(
        1,
        row.reduce((sum, factor, at) => sum + factor * rgb[at]!, 0),
      ),
    ),
  );
}

function toLab([r = 0, g = 0, b = 0]: number[]): number[] {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

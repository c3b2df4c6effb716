import { settingOf } from '../settings.ts';
import { paletteKeys, palettes, type Theme, themes } from './palette.ts';

/** The configured theme; `auto` and unknown names become the theme that the browser prefers. */
export function chooseTheme(wanted: string | undefined, prefers: (query: string) => boolean): Theme {
  const named = themes.find((theme) => theme === wanted);
  if (named) return named;
  if (prefers('(prefers-contrast: more)')) return 'contrast';
  return prefers('(prefers-color-scheme: light)') ? 'light' : 'dark';
}

/** Sets the page's theme, and follows the browser where the theme is `auto`. */
export function applyTheme(wanted: string | undefined = settingOf('theme')): void {
  const apply = () => {
    const root = document.documentElement;
    const theme = chooseTheme(wanted, (query) => matchMedia(query).matches);
    root.dataset.theme = theme;
    for (const key of paletteKeys) root.style.setProperty(`--expression-${key}`, palettes[theme][key]);
  };
  for (const query of ['(prefers-contrast: more)', '(prefers-color-scheme: light)']) {
    matchMedia(query).addEventListener('change', apply);
  }
  apply();
}

/** The colours of the page's theme, for drawing on a canvas. */
export function currentPalette(): (typeof palettes)[Theme] {
  return palettes[currentTheme()];
}

export function currentTheme(): Theme {
  return (document.documentElement.dataset.theme ?? 'dark') as Theme;
}

import { settingOf } from '../settings.ts';

/** The languages of every page, by their own names. The types require a message file for each. */
export const languages = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
  fr: { name: 'Français', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  ur: { name: 'اردو', direction: 'rtl' },
} as const;

export type Language = keyof typeof languages;

/**
 * The configured language if it is known, else the browser's first known one, else English.
 *
 * @param wanted `auto` or undefined: that of the browser
 * @param preferred `navigator.languages`: `de-AT`, `en`
 */
export function chooseLanguage(wanted: string | undefined, preferred: readonly string[]): Language {
  return [wanted ?? '', ...preferred].map(withoutRegion).find(isLanguage) ?? 'en';
}

/** The language of this page, which does not change while it is open. */
export const language: Language = chooseLanguage(settingOf('language', 'lang'), globalThis.navigator?.languages ?? []);

/**
 * The texts of the page's language. English is part of the page; another language is fetched when it is needed, and if
 * that fails the page is in English.
 */
export async function loadMessages<M>(
  english: M,
  others: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ readonly messages: M }>>>,
): Promise<M> {
  if (language === 'en') return english;
  try {
    return (await others[language]()).messages;
  } catch (fault) {
    console.warn('Mien:', fault);
    return english;
  }
}

/** Sets language and direction of the document: for hyphenation, screen readers and the layout from right to left. */
export function applyLanguage(root: HTMLElement = document.documentElement): void {
  root.lang = language;
  root.dir = languages[language].direction;
}

function withoutRegion(tag: string): string {
  return tag.toLowerCase().replace(/-.*$/, '');
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag);
}

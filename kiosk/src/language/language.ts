import { settingOf } from '../settings.ts';

/** The languages that every page speaks, by their own names. A message file of each is required by its types. */
export const languages = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
  fr: { name: 'Français', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  ur: { name: 'اردو', direction: 'rtl' },
} as const;

export type Language = keyof typeof languages;

/**
 * The language that was set, if there is one of that name, else the first of the browser's that is known, else English.
 *
 * @param wanted `auto` or nothing for the browser's own
 * @param preferred as `navigator.languages` has them: `de-AT`, `en`
 */
export function chooseLanguage(wanted: string | undefined, preferred: readonly string[]): Language {
  return [wanted ?? '', ...preferred].map(withoutRegion).find(isLanguage) ?? 'en';
}

/** The language of this page for as long as it is open. */
export const language: Language = chooseLanguage(settingOf('language', 'lang'), globalThis.navigator?.languages ?? []);

/**
 * The texts of the page's language. English is part of the page; another language is fetched when it is needed, and where
 * that fails the page speaks English.
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

/** Tells the browser, its hyphenation and its screen reader; right-to-left languages turn the whole page around. */
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

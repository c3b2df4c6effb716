import { loadMessages } from '../../language/language.ts';
import { en } from './en.ts';

/** The kiosk's texts in the language of the page. */
export const messages = await loadMessages(en, {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ur: () => import('./ur.ts'),
});

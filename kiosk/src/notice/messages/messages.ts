import { loadMessages } from '../../language/language.ts';
import { en, type Messages } from './en.ts';

/** The texts of the page's language. */
export const messages: Messages = await loadMessages<Messages>(en, {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ur: () => import('./ur.ts'),
});

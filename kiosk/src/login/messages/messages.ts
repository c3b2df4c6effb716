import { loadMessages } from '../../language/language.ts';
import { en, type Messages } from './en.ts';

/** The texts of the login page, in its language. */
export const messages: Messages = await loadMessages(en, {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ur: () => import('./ur.ts'),
});

import { loadMessages } from '../../language/language.ts';
import { type AdminMessages, messages } from './en.ts';

/** The texts of the page's language. */
export const texts: AdminMessages = await loadMessages<AdminMessages>(messages, {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ur: () => import('./ur.ts'),
});

import { loadMessages } from '../../language/language.ts';
import { messages, type TryMessages } from './en.ts';

/** The texts of the page's language. */
export const texts: TryMessages = await loadMessages<TryMessages>(messages, {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ur: () => import('./ur.ts'),
});

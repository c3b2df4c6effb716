import { en, type Messages } from './en.ts';

/** The texts of the page's language; English so far. */
export const messages: Messages = en;

import { loadMessages } from '../../../language/language.ts';
import { messages } from './en.ts';
import type { SettingMessages } from './setting-messages.ts';

/** The texts of the page's language. */
export const settingTexts: SettingMessages = await loadMessages<SettingMessages>(messages, {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  ur: () => import('./ur.ts'),
});

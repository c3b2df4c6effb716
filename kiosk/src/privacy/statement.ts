import type { z } from 'zod';
import type { privacySchema } from '../../../device/contract/privacy.ts';
import type { Messages } from './messages/en.ts';

export type PrivacyItem = z.output<typeof privacySchema>['items'][number];

/** A statement of the device in the page's language; one that the page does not know in the device's own words. */
export function statementOf(
  { code, text, params = {} }: PrivacyItem,
  items: Messages['items'],
): { text: string; isOwn: boolean } {
  if (!Object.hasOwn(items, code)) return { text, isOwn: true };
  return { text: items[code as keyof Messages['items']](params), isOwn: false };
}

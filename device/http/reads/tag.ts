import { createHash } from 'node:crypto';

/** Entity tag of an answer with this content, without quotes. */
export function tagOfContent(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27);
}

import type { Context } from 'hono';

/** The browser may store the answer, but must revalidate it before use. */
const revalidated = 'private, no-cache';

/**
 * Headers of an answer with this tag, or `undefined` if the client already has this version: then answer 304. The tag is a
 * weak one (RFC 9110, 8.8.1): two answers with the same tag may differ in the requested time range.
 */
export function tagged(c: Context, content: string): { ETag: string; 'Cache-Control': string } | undefined {
  const tag = `W/"${content}"`;
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    .map((each) => each.trim().replace(/^(W\/)?/, 'W/'));
  if (known?.includes(tag) || known?.includes('W/*')) {
    c.header('ETag', tag);
    c.header('Cache-Control', revalidated);
    return undefined;
  }
  return { ETag: tag, 'Cache-Control': revalidated };
}

import type { Context } from 'hono';

/** The browser may keep it, and must ask whether it still holds. */
const revalidated = 'private, no-cache';

/**
 * Headers of an answer with this tag, or `undefined` where the client says that it has just that: then 304 is the answer. The
 * tag is a weak one (RFC 9110, 8.8.1): what is not content, such as the moment that was asked for, may differ.
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

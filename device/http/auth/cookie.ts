import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { peerOf } from './peer.ts';
import { maxSessionMs } from './sessions.ts';

const name = 'mien-session';

/** With the prefix `__Host-` the browser rejects the cookie from plain HTTP and from other hosts. */
const securePrefix = 'host' as const;

export function readSessionCookie(c: Context): string | undefined {
  return peerOf(c).isEncryptedForClient ? getCookie(c, name, securePrefix) : getCookie(c, name);
}

/** The cookie lives as long as the longest session. Only the server knows whether the session is still valid. */
export function writeSessionCookie(c: Context, id: string, mayBeFramed: boolean): void {
  const attributes = attributesOf(c);
  // In a frame of another site browsers store only such a cookie, and only over HTTPS. X-Mien and the origin check protect
  // changes. Headers of an untrusted proxy can make a cookie stricter, never laxer.
  const framed = mayBeFramed && peerOf(c).isEncrypted ? ({ sameSite: 'None', partitioned: true } as const) : {};
  setCookie(c, name, id, { ...attributes, ...framed, maxAge: maxSessionMs / 1000 });
}

export function clearSessionCookie(c: Context): void {
  deleteCookie(c, name, attributesOf(c));
}

function attributesOf(c: Context) {
  const { isEncryptedForClient } = peerOf(c);
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    ...(isEncryptedForClient && { secure: true, prefix: securePrefix }),
  } as const;
}

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { peerOf } from './peer.ts';
import { longestMs } from './sessions.ts';

const name = 'mien-session';

/** The browser itself then refuses the cookie from plain HTTP and from other hosts. */
const securePrefix = 'host' as const;

export function readSessionCookie(c: Context): string | undefined {
  return peerOf(c).isEncryptedForClient ? getCookie(c, name, securePrefix) : getCookie(c, name);
}

/** Lasts as long as a session can; whether it still does is known here alone. */
export function writeSessionCookie(c: Context, id: string, mayBeFramed: boolean): void {
  const attributes = attributesOf(c);
  // In a frame of another site browsers keep a cookie only so, and only over HTTPS; X-Mien and the origin guard changes.
  // What an unknown proxy says makes a cookie stricter, never laxer.
  const framed = mayBeFramed && peerOf(c).isEncrypted ? ({ sameSite: 'None', partitioned: true } as const) : {};
  setCookie(c, name, id, { ...attributes, ...framed, maxAge: longestMs / 1000 });
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

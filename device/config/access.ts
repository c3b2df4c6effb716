import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isLoopback } from '../core/address.ts';

/** Name or address in a Host header, without a port. */
export const hostName = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]{1,255})$/, 'host names without a port, such as mien.example.org');

/** An address, or a network of them. */
export const addressOrNetwork = z
  .string()
  .refine(
    (text) => ipaddr.isValidCIDR(text) || ipaddr.isValid(text),
    'an address such as 127.0.0.1, or a network such as 10.0.0.0/8',
  );

/** Scheme, host and port, as a browser sends the origin of a page. */
export const pageOrigin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'an origin without a path, such as https://home.example.org:8123',
  );

/** Too long to guess, and without characters that a header would have to quote. */
export const accessToken = z
  .string()
  .regex(/^[A-Za-z0-9._~+/=-]{32,256}$/, 'a token of 32 to 256 letters and digits, as "mien access token" makes them')
  .optional()
  .meta({ secret: true });

/**
 * `scrypt.15.8.3.SALT.KEY`: log2 N, r, p, then base64url. No character of it has a meaning in a shell, YAML, compose or unit
 * file, unlike the `$` of the usual form. The costs are bounded, because each login pays them.
 */
export const passwordHashForm = /^scrypt\.(1[4-8])\.(8|16)\.([1-9])\.([\w-]{22,86})\.([\w-]{43,86})$/;

/** Two groups of four letters and digits, without those that look alike. */
export const claimCodeForm = /^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/;

export function isPasswordHash(text: string): boolean {
  return passwordHashForm.test(text);
}

interface Exposure {
  readonly host: string;
  readonly passwordHash?: string;
  readonly token?: string;
  readonly viewerToken?: string;
  readonly claimCode?: string;
  readonly tls: { readonly cert?: string; readonly key?: string };
}

/** Whether other machines can reach a server that listens on this address. */
export function isExposed(host: string): boolean {
  return host !== 'localhost' && !isLoopback(host);
}

/** Refuses an address on the network without a secret, equal tokens, and a certificate without its key. */
export function checkExposure(http: Exposure, context: z.RefinementCtx): void {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  const hasSecret = [http.passwordHash, http.token, http.viewerToken, http.claimCode].some(
    (secret) => secret !== undefined,
  );
  if (isExposed(http.host) && !hasSecret) {
    refuse(
      ['host'],
      '127.0.0.1 as long as there is no password or token: set http.passwordHash (mien access password) or http.token (mien access token) to open it to the network',
    );
  }
  if (http.token !== undefined && http.token === http.viewerToken) {
    refuse(['viewerToken'], 'another token than http.token');
  }
  if (http.tls.cert !== undefined && http.tls.key === undefined) refuse(['tls', 'key'], 'the key of http.tls.cert');
  if (http.tls.key !== undefined && http.tls.cert === undefined)
    refuse(['tls', 'cert'], 'the certificate of http.tls.key');
}

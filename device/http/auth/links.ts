import { createHmac, randomBytes } from 'node:crypto';
import { isEqual } from './secrets.ts';

/** Validity of a link. */
export const linkMs = 10 * 60_000;

/**
 * Makes a code for one login as operator within ten minutes: `EXPIRES.NONCE.SIGNATURE`. Any user who can read the daemon's
 * key on the device can make a code, without a request to the daemon.
 *
 * @param key the key that the daemon wrote at its start, see `ops/running.ts`
 * @param now wall clock in ms
 */
export function makeLinkCode(key: string, now: number): string {
  const claim = `${now + linkMs}.${randomBytes(16).toString('base64url')}`;
  return `${claim}.${sign(key, claim)}`;
}

/** Accepts each code once. Each start of the daemon makes a new key, which invalidates all earlier codes. */
export class LoginLinks {
  readonly key = randomBytes(32).toString('base64url');
  /** Used codes are kept as long as the key: a clock that is set back must not make one valid again. */
  readonly #used = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  redeem(code: string): boolean {
    const [, claim, expires, signature] = /^((\d{1,16})\.[\w-]{22})\.([\w-]{43})$/.exec(code) ?? [];
    if (claim === undefined || expires === undefined || signature === undefined) return false;
    if (!isEqual(signature, sign(this.key, claim))) return false;
    const now = this.#now();
    if (Number(expires) < now || Number(expires) > now + linkMs || this.#used.has(claim)) return false;
    this.#used.add(claim);
    return true;
  }
}

function sign(key: string, claim: string): string {
  return createHmac('sha256', key).update(claim).digest('base64url');
}

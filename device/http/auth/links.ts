import { createHmac, randomBytes } from 'node:crypto';
import { isSame } from './secrets.ts';

/** How long a link can be used. */
export const linkMs = 10 * 60_000;

/**
 * Makes a code that logs its bearer in as operator, once, within ten minutes: `EXPIRES.NONCE.SIGNATURE`. Whoever can read
 * the daemon's key on the device can make one; nothing has to be asked of the daemon.
 *
 * @param key the key that the daemon wrote at its start, see `ops/access/running.ts`
 * @param now wall clock in ms
 */
export function makeLinkCode(key: string, now: number): string {
  const claim = `${now + linkMs}.${randomBytes(16).toString('base64url')}`;
  return `${claim}.${sign(key, claim)}`;
}

/** Accepts each code once. The key is of this start of the daemon, and with it go the codes. */
export class LoginLinks {
  readonly key = randomBytes(32).toString('base64url');
  /** Kept as long as the key: a clock that is set back must not make one fresh again. */
  readonly #used = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  redeem(code: string): boolean {
    const [, claim, expires, signature] = /^((\d{1,16})\.[\w-]{22})\.([\w-]{43})$/.exec(code) ?? [];
    if (claim === undefined || expires === undefined || signature === undefined) return false;
    if (!isSame(signature, sign(this.key, claim))) return false;
    const now = this.#now();
    if (Number(expires) < now || Number(expires) > now + linkMs || this.#used.has(claim)) return false;
    this.#used.add(claim);
    return true;
  }
}

function sign(key: string, claim: string): string {
  return createHmac('sha256', key).update(claim).digest('base64url');
}

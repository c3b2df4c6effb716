import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { passwordHashForm } from '../../config/access.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** OWASP's scrypt parameters for 32 MiB: 0.1 s on a PC, and it fits the memory of a small board. */
const cost = { ln: 15, r: 8, p: 3 };

/** A new random token of 256 bits, in the format of http.token. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The hash of a password with its salt and costs, in the format of http.passwordHash. */
export async function hashPassword(password: string, { ln, r, p } = cost): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(normalized(password), salt, 32, costs(ln, r, p));
  return ['scrypt', ln, r, p, salt.toString('base64url'), key.toString('base64url')].join('.');
}

/** Whether the password matches the hash. Takes the same time for every wrong password. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, ln, r, p, salt, key] = passwordHashForm.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(
    normalized(password),
    Buffer.from(salt, 'base64url'),
    expected.length,
    costs(Number(ln), Number(r), Number(p)),
  );
  return timingSafeEqual(given, expected);
}

/** Whether guessing against this hash costs at least as much as against the hashes made here. */
export function isCostly(hash: string): boolean {
  const [, ln, r, p] = passwordHashForm.exec(hash) ?? [];
  return 2 ** Number(ln) * Number(r) * Number(p) >= 2 ** cost.ln * cost.r * cost.p;
}

/** Compares two texts in constant time. */
export function isEqual(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function costs(ln: number, r: number, p: number) {
  const N = 2 ** ln;
  return { N, r, p, maxmem: 128 * N * r + 1024 * r * p + (1 << 20) };
}

/** Different keyboards may produce different code points for the same letter. */
function normalized(password: string): string {
  return password.normalize('NFKC');
}

import { createHash, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** User and password of an address; undefined where it has neither. */
export function credentialsOf({ username, password }: URL): Credentials | undefined {
  return username === '' && password === '' ? undefined : { user: decoded(username), password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The percent sign is literal.
    return text;
  }
}

interface Request {
  readonly method: string;
  /** Path and query of the request line. */
  readonly uri: string;
}

/**
 * The `Authorization` header for a challenge: Digest (RFC 7616) where offered, because it does not send the password,
 * otherwise Basic (RFC 7617). Undefined where the challenge offers neither. HTTP and RTSP cameras use the same
 * challenges.
 */
export function authorizationFor(challenge: string, credentials: Credentials, request: Request): string | undefined {
  const digests = challenge.split(/(?=\bDigest\s)/i).filter((part) => /^Digest\s/i.test(part));
  for (const digest of digests) {
    const answer = digestAnswer(parametersOf(digest), credentials, request);
    if (answer) return answer;
  }
  if (!/\bBasic\b/i.test(challenge)) return undefined;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

type Parameters = Readonly<Record<string, string>>;

function parametersOf(challenge: string): Parameters {
  const pairs = [...challenge.matchAll(/([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)];
  return Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name!.toLowerCase(), quoted ?? bare ?? '']));
}

const hashes: Readonly<Record<string, string>> = { md5: 'md5', 'sha-256': 'sha256' };

function digestAnswer(
  { realm = '', nonce, qop, opaque, algorithm = 'MD5' }: Parameters,
  { user, password }: Credentials,
  { method, uri }: Request,
): string | undefined {
  const name = hashes[algorithm.toLowerCase()];
  if (!name || nonce === undefined) return undefined;
  const hash = (...parts: readonly string[]) => createHash(name).update(parts.join(':')).digest('hex');
  const [ha1, ha2] = [hash(user, realm, password), hash(method, uri)];
  const hasQop = qop?.split(',').some((each) => each.trim() === 'auth') ?? false;
  if (qop !== undefined && !hasQop) return undefined;
  const [nc, cnonce] = ['00000001', randomBytes(8).toString('hex')];
  const response = hasQop ? hash(ha1, nonce, nc, cnonce, 'auth', ha2) : hash(ha1, nonce, ha2);
  const fields = [
    `username="${user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(hasQop ? [`qop=auth, nc=${nc}, cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${fields.join(', ')}`;
}

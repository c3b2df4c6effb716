import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import { whoSchema } from '../../contract/session.ts';
import type { Clock } from '../../core/clock.ts';
import { Limiter } from '../../core/limiter.ts';
import type { Log } from '../../core/log.ts';
import { problem, sendJson } from '../answers/json.ts';
import { loginSchema } from '../schemas/session.ts';
import { guardCookies, roleOfToken } from './authenticate.ts';
import type { Claim } from './claim.ts';
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from './cookie.ts';
import type { LoginLinks } from './links.ts';
import { PasswordChecks } from './password-checks.ts';
import { peerOf } from './peer.ts';
import type { Role } from './role.ts';
import { isPassword } from './secrets.ts';
import type { Sessions } from './sessions.ts';

/** Password guesses of one machine: five at once, then two a minute. */
const guessRate = { burst: 5, everyMs: 30_000 } as const;
/** Remembered callers that have logged in before. Their password checks come first. */
const maxKnown = 200;

type Login = z.output<typeof loginSchema>;

export interface SessionDeps {
  readonly http: Config['http'];
  readonly sessions: Sessions;
  readonly links: LoginLinks;
  readonly claim: Claim;
  readonly clock: Clock;
  readonly log: Log;
}

/** /api/v1/session: GET returns the caller's role, POST logs in, DELETE logs out. */
export function sessionRoutes(deps: SessionDeps): Hono {
  const { http, sessions, claim, log } = deps;
  const limiter = new Limiter(deps.clock, guessRate);
  const checkLogin = createLoginCheck(deps);
  const knownCallers = new Set<string>();
  const routes = new Hono();
  routes.use(async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });

  routes.get('/', (c) => sendJson(c, whoSchema, describe(c, claim)));

  routes.post('/', async (c) => {
    const login = await readLogin(c);
    if (login instanceof Response) return login;
    const { address, caller, isThisDevice } = peerOf(c);
    const isLink = 'link' in login;
    // Take a token before the check, so that simultaneous guesses count too. A link cannot be guessed.
    const waitMs = isLink ? 0 : limiter.take(caller);
    if (waitMs > 0) {
      log.warn(`login: too many attempts from ${address}`);
      return tooMany(c, waitMs);
    }
    const role = await checkLogin(login, { name: caller, isKnown: isThisDevice || knownCallers.has(caller) });
    if (role === 'busy') {
      limiter.giveBack(caller);
      return busy(c);
    }
    if (role === undefined) {
      log.warn(`login: refused to ${address}`);
      return refuse(c, login, claim);
    }
    if (!isLink) limiter.giveBack(caller);
    rememberCaller(knownCallers, caller);
    // Against session fixation: an attacker may have planted the session that the browser sent.
    const old = readSessionCookie(c);
    if (old !== undefined) sessions.end(old);
    const session = sessions.start(role);
    writeSessionCookie(c, session.id, http.frameAncestors.length > 0);
    log.info(`login: ${role} from ${address}`);
    return sendJson(c, whoSchema, {
      role,
      by: 'session',
      expires: session.expires,
      password: claim.passwordHash !== undefined,
    });
  });

  routes.delete('/', guardCookies, (c) => {
    const id = readSessionCookie(c);
    if (id !== undefined) sessions.end(id);
    clearSessionCookie(c);
    return c.body(null, 204);
  });
  return routes;
}

function describe(c: Context, claim: Claim) {
  const { role, by, expires } = c.get('principal');
  const { openCode, shownCode } = claim;
  return {
    role: role ?? null,
    by,
    ...(expires !== undefined && { expires }),
    /** Whether a password is set. */
    password: claim.passwordHash !== undefined,
    // Only the screen of the device shows the code.
    ...(openCode !== undefined && { claim: by === 'loopback' && shownCode !== undefined ? { code: shownCode } : {} }),
  };
}

async function readLogin(c: Context): Promise<Login | Response> {
  // A form of another origin cannot send this type without a preflight request.
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    return problem(c, { status: 415, title: 'Wrong content type', detail: 'Expected application/json' });
  }
  const body: unknown = await c.req.json().catch(() => undefined);
  const parsed = loginSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  return problem(c, {
    status: 422,
    title: 'Bad login',
    detail: 'Expected {"password": TEXT}, {"claim": TEXT, "password": TEXT of 8 characters or more} or {"link": TEXT}',
  });
}

/** Keeps the most recent callers. */
function rememberCaller(known: Set<string>, caller: string): void {
  known.delete(caller);
  known.add(caller);
  if (known.size > maxKnown) known.delete(known.values().next().value!);
}

/** Returns the role for a link, the password, or a token; screens without a keyboard log in with a token. */
function createLoginCheck({ http, links, claim }: SessionDeps) {
  const checks = new PasswordChecks();
  return async (login: Login, caller: { name: string; isKnown: boolean }): Promise<Role | 'busy' | undefined> => {
    if ('link' in login) return links.redeem(login.link) ? 'operator' : undefined;
    if ('claim' in login) return (await claim.take(login.claim, login.password)) ? 'operator' : undefined;
    const { passwordHash } = claim;
    const role = roleOfToken(login.password, http);
    if (role !== undefined || passwordHash === undefined) return role;
    const result = await checks.run(caller, () => isPassword(login.password, passwordHash));
    return result === 'busy' ? result : result ? 'operator' : undefined;
  };
}

function refuse(c: Context, login: Login, claim: Claim): Response {
  if ('link' in login) {
    return problem(c, {
      status: 401,
      title: 'Link not valid',
      detail: 'The link was used before, is older than ten minutes, or was made before the last start of Mien',
      remedy: 'Make a new one on the device: mien access link',
    });
  }
  if ('claim' in login) {
    return problem(c, {
      status: 401,
      title: 'Not claimed',
      detail: 'The code is not that of this device, or the device has been claimed already',
      remedy: 'Read the code on the screen of the device. A device without a code on its screen has an operator',
    });
  }
  const hasPassword = claim.passwordHash !== undefined;
  return problem(c, {
    status: 401,
    title: hasPassword ? 'Wrong password' : 'No password set',
    detail: hasPassword ? 'The password is wrong' : 'This device has no password',
    remedy: hasPassword
      ? 'To replace a forgotten password, run on the device: mien access password'
      : 'On the device, make a link with: mien access link; or set a password with: mien access password',
  });
}

function tooMany(c: Context, waitMs: number): Response {
  const seconds = Math.ceil(waitMs / 1000);
  return problem(c, {
    status: 429,
    title: 'Too many attempts',
    detail: `Try again in ${seconds} s`,
    headers: { 'Retry-After': String(seconds) },
  });
}

function busy(c: Context): Response {
  return problem(c, {
    status: 503,
    title: 'Too many logins at once',
    detail: 'Other logins are being checked',
    headers: { 'Retry-After': '2' },
  });
}

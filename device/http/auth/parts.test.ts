import { describe, expect, test, vi } from 'vitest';
import { Limiter } from '../../core/limiter.ts';
import { FakeClock } from '../../lab/fixtures/http-fixture.ts';
import { LoginLinks, linkMs, makeLinkCode } from './links.ts';
import { hashPassword, isEqual, isPassword, makeToken } from './secrets.ts';
import { maxSessionMs, Sessions } from './sessions.ts';

describe('secrets', () => {
  test('only the password matches its hash, in any Unicode form, and each hash has its own salt', async () => {
    expect(await hashPassword('Straße für 8 Leute')).toMatch(/^scrypt\.15\.8\.3\.[\w-]{22}\.[\w-]{43}$/);
    // At the lowest cost: the time of the default cost adds nothing to these checks.
    const cheap = { ln: 14, r: 8, p: 1 };
    const hash = await hashPassword('Straße für 8 Leute', cheap);
    expect(await isPassword('Straße für 8 Leute'.normalize('NFD'), hash)).toBe(true);
    expect(await isPassword('Strasse für 8 Leute', hash)).toBe(false);
    expect(await isPassword('', hash)).toBe(false);
    expect(await hashPassword('Straße für 8 Leute', cheap)).not.toBe(hash);
  });

  test('a malformed hash matches no password', async () => {
    for (const hash of ['', 'secret', `scrypt.40.8.1.${'A'.repeat(22)}.${'A'.repeat(43)}`])
      expect(await isPassword(hash, hash)).toBe(false);
  });

  test('tokens are long and random', () => {
    expect(makeToken()).toMatch(/^[\w-]{43}$/);
    expect(makeToken()).not.toBe(makeToken());
    expect(isEqual('a', 'a')).toBe(true);
    expect(isEqual('a', 'ab')).toBe(false);
  });
});

describe('Sessions', () => {
  const hour = 3_600_000;
  const make = () => {
    const clock = new FakeClock();
    return { clock, sessions: new Sessions({ clock, idleMs: 12 * hour }) };
  };

  test('last while they are used, and at most 30 days', () => {
    const { clock, sessions } = make();
    const { id, ended } = sessions.start('operator');
    const start = clock.time;
    while (clock.time - start < maxSessionMs - 12 * hour) {
      clock.time += 11 * hour;
      expect(sessions.use(id)?.role).toBe('operator');
    }
    expect(sessions.use(id)?.expires).toBe(start + maxSessionMs);
    expect(ended.aborted).toBe(false);
    clock.time = start + maxSessionMs;
    expect(sessions.use(id)).toBeUndefined();
    expect(ended.aborted).toBe(true);
  });

  test('end after the idle time, or on request', () => {
    const { clock, sessions } = make();
    const idle = sessions.start('viewer');
    clock.time += 12 * hour;
    const other = sessions.start('viewer');
    expect(idle.ended.aborted).toBe(true);
    expect(sessions.use(idle.id)).toBeUndefined();
    sessions.end(other.id);
    expect(sessions.use(other.id)).toBeUndefined();
    expect(other.ended.aborted).toBe(true);
  });

  test('end on time also without a further request', () => {
    vi.useFakeTimers();
    const { clock, sessions } = make();
    const { ended } = sessions.start('viewer');
    clock.time += 12 * hour - 1;
    vi.advanceTimersByTime(60_000);
    expect(ended.aborted).toBe(false);
    clock.time += 1;
    vi.advanceTimersByTime(60_000);
    expect(ended.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('are limited: the least recently used one ends', () => {
    const { sessions } = make();
    const first = sessions.start('viewer');
    const second = sessions.start('viewer');
    for (let n = 0; n < 198; n += 1) sessions.start('viewer');
    expect(sessions.use(first.id)).toBeDefined();
    sessions.start('viewer');
    expect(sessions.use(first.id)).toBeDefined();
    expect(sessions.use(second.id)).toBeUndefined();
  });
});

test('a used link stays used after the clock is set back', () => {
  const clock = new FakeClock();
  const links = new LoginLinks(() => clock.now());
  const code = makeLinkCode(links.key, clock.now());
  expect(links.redeem(code)).toBe(true);
  clock.time += 2 * linkMs;
  expect(links.redeem(makeLinkCode(links.key, clock.now()))).toBe(true);
  clock.time -= 2 * linkMs;
  expect(links.redeem(code)).toBe(false);
});

describe('Limiter', () => {
  test('allows a burst, then one at a time, separately for each caller', () => {
    const clock = new FakeClock();
    const limiter = new Limiter(clock, { burst: 3, everyMs: 1000 });
    expect([1, 2, 3].map(() => limiter.take('10.0.0.7'))).toEqual([0, 0, 0]);
    expect(limiter.take('10.0.0.7')).toBe(1000);
    expect(limiter.take('10.0.0.8')).toBe(0);
    clock.time += 400;
    expect(limiter.take('10.0.0.7')).toBe(600);
    clock.time += 600;
    expect(limiter.take('10.0.0.7')).toBe(0);
    expect(limiter.take('10.0.0.7')).toBe(1000);
    limiter.giveBack('10.0.0.7');
    expect(limiter.take('10.0.0.7')).toBe(0);
  });
});

describe('LoginLinks', () => {
  test('each code works once, within ten minutes, with the key of this start', () => {
    const clock = new FakeClock();
    const links = new LoginLinks(() => clock.time);
    const code = makeLinkCode(links.key, clock.time);
    expect(links.redeem(code)).toBe(true);
    expect(links.redeem(code)).toBe(false);
    const late = makeLinkCode(links.key, clock.time);
    clock.time += linkMs + 1;
    expect(links.redeem(late)).toBe(false);
    expect(links.redeem(code)).toBe(false);
    const restarted = new LoginLinks(() => clock.time);
    expect(restarted.redeem(makeLinkCode(links.key, clock.time))).toBe(false);
  });

  test('a modified code, or one that expires too late, is refused', () => {
    const now = 1_700_000_000_000;
    const links = new LoginLinks(() => now);
    const [expires, nonce, signature] = makeLinkCode(links.key, now).split('.');
    expect(links.redeem(`${Number(expires) + 1}.${nonce}.${signature}`)).toBe(false);
    expect(links.redeem(`${expires}.${nonce}.`)).toBe(false);
    expect(links.redeem('')).toBe(false);
    expect(links.redeem(makeLinkCode(links.key, now + 1000))).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { callerOf, TrustedProxies } from './caller.ts';
import { PasswordChecks } from './password-checks.ts';

describe('a caller', () => {
  test('is an IPv4 address, in any spelling, or a /64 of IPv6', () => {
    expect(callerOf('192.168.1.7')).toBe('192.168.1.7');
    expect(callerOf('::ffff:192.168.1.7')).toBe('192.168.1.7');
    expect(callerOf('2001:db8::1')).toBe('2001:db8::/64');
    expect(callerOf('2001:db8:0:0:9:9:9:9')).toBe('2001:db8::/64');
    expect(callerOf('2001:DB8:0:1::1')).toBe('2001:db8:0:1::/64');
    expect(callerOf('')).toBe('');
  });

  const proxies = new TrustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);

  test.each([
    ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['127.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    // The caller itself sent the entries further to the left.
    ['10.1.1.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['fd00::1', '[2001:db8::1]:5311', '2001:db8::1'],
    ['::ffff:127.0.0.1', '203.0.113.9:80', '203.0.113.9'],
  ])('behind %s, with X-Forwarded-For: %s, is %s', (connection, header, caller) => {
    expect(proxies.callerBehind(connection, header)).toBe(caller);
  });

  test.each([
    ['192.168.1.7', '203.0.113.9'],
    ['127.0.0.1', undefined],
    ['127.0.0.1', 'nonsense'],
    ['127.0.0.1', '10.0.0.1'],
    ['127.0.0.1', Array(30).fill('203.0.113.9').join()],
  ])('behind %s, with X-Forwarded-For: %s, is unknown', (connection, header) => {
    expect(proxies.callerBehind(connection, header)).toBeUndefined();
  });
});

describe('password checks', () => {
  test('callers take turns, known callers come first, and all get an answer', async () => {
    const checks = new PasswordChecks();
    const order: string[] = [];
    const run = (name: string, isKnown = false) =>
      checks.run({ name, isKnown }, async () => {
        await null;
        order.push(name);
        return true;
      });
    const all = [run('a'), run('a'), run('a'), run('a'), run('b'), run('operator', true)];
    expect(await Promise.all(all)).toEqual(Array(6).fill(true));
    expect(order).toEqual(['a', 'operator', 'a', 'b', 'a', 'a']);
  });

  test('guesses from 230 addresses block neither a known caller nor a later one', async () => {
    const checks = new PasswordChecks();
    let release = () => {};
    const first = new Promise<boolean>((resolve) => {
      release = () => resolve(false);
    });
    const guesses = Array.from({ length: 230 }, (_, n) => checks.run({ name: `${n}`, isKnown: false }, () => first));
    const operator = checks.run({ name: 'operator', isKnown: true }, async () => true);
    release();
    expect(await operator).toBe(true);
    const answers = await Promise.all(guesses);
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(29);
    expect(await checks.run({ name: 'later', isKnown: false }, async () => true)).toBe(true);
  });
});

import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { whyWeak } from '../config/password.ts';
import { configSchema } from '../config/schema.ts';
import { exitCode } from '../core/errors.ts';
import { LoginLinks } from '../http/auth/links.ts';
import { isPassword } from '../http/auth/secrets.ts';
import { serveApp } from '../http/server/serve.ts';
import { fixture } from '../lab/fixtures/http-fixture.ts';
import { heardLog } from '../lab/fixtures/log.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { announceRunning, findRunning } from '../ops/running.ts';
import { accessCommand } from './access.ts';

const folder = scratchFolder();
afterEach(() => void vi.restoreAllMocks());

/** The standard output of the command for this standard input. */
async function outputOf(args: readonly string[], input = ''): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const stdin = new PassThrough();
  stdin.end(input);
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as never);
  await (accessCommand() as Command).parseAsync([...args], { from: 'user' });
  return text;
}

describe('mien access password', () => {
  test('prints a hash that the configuration accepts, and nothing else', async () => {
    const hash = await outputOf(['password'], 'some words apart\nnot this\n');
    expect(hash).toMatch(/^scrypt\.\S+\n$/);
    expect(configSchema.parse({ http: { passwordHash: hash.trim() } }).http.passwordHash).toBe(hash.trim());
    expect(await isPassword('some words apart', hash.trim())).toBe(true);
    // No character has a special meaning in a shell, an environment file or YAML.
    expect(hash.trim()).toMatch(/^[\w.-]+$/);
  });

  test.each([
    ['', 'Expected a line with the password, got none', exitCode.noInput],
    ['short\n', 'Password: expected 10 characters or more, got 5', exitCode.badData],
    ['password123\n', 'Password: expected none of the most usual passwords', exitCode.badData],
  ])('refuses %j', async (input, message, code) => {
    await expect(outputOf(['password'], input)).rejects.toMatchObject({ message, code, remedy: expect.any(String) });
  });

  test.each([
    '1234567890',
    '9876543210',
    'abcdefghijkl',
    'aaaaaaaaaaaa',
    'abababababab',
    'MienMien2026!',
    'raspberrypi1',
  ])('%s is weak', (password) => {
    expect(whyWeak(password)).toBeTypeOf('string');
  });

  test.each(['correct horse battery', 'Grünkohl mit Pinkel', 'x7#kQ!29vLm', 'آج موسم اچھا ہے'])(
    '%s is not weak',
    (password) => {
      expect(whyWeak(password)).toBeUndefined();
    },
  );
});

describe('mien access token', () => {
  test('prints a token that the configuration accepts', async () => {
    const token = (await outputOf(['token'])).trim();
    expect(configSchema.parse({ http: { token, host: '0.0.0.0' } }).http.token).toBe(token);
  });
});

describe('mien access link', () => {
  const setData = (dataDir: string) => ['--set', `dataDir=${dataDir}`];

  test('prints a link that logs in once, and an error without a running daemon', async () => {
    const dataDir = join(folder, 'data');
    const links = new LoginLinks(() => Date.now());
    const log = heardLog();
    const server = await serveApp(fixture({ links, log }).app, { host: '127.0.0.1', port: 0, log });
    const url = `http://127.0.0.1:${server.port}`;
    const withdraw = announceRunning(
      dataDir,
      { url: url.replace('127.0.0.1', 'lobby'), origin: url, linkKey: links.key },
      log,
    );
    expect(statSync(join(dataDir, 'running.json')).mode & 0o777).toBe(0o600);
    const [, address, link] = /^(\S+)#link=(\S+)\n$/.exec(await outputOf(['link', ...setData(dataDir)]))!;
    expect(address).toBe(`http://lobby:${server.port}/login`);
    const login = () =>
      fetch(`${url}/api/v1/session`, {
        method: 'POST',
        body: JSON.stringify({ link }),
        headers: { 'content-type': 'application/json' },
      });
    const first = await login();
    expect(await first.json()).toMatchObject({ role: 'operator', by: 'session' });
    expect((await login()).status).toBe(401);
    await server.stop();
    await expect(outputOf(['link', ...setData(dataDir)])).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: `Mien does not answer at ${url}`,
    });
    withdraw();
    await expect(outputOf(['link', ...setData(dataDir)])).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: `No Mien runs with the data folder ${dataDir}`,
      remedy: expect.stringContaining('mien run'),
    });
    expect(log.lines.map(({ text }) => text)).toEqual([
      'login: operator from 127.0.0.1',
      expect.stringContaining('refused'),
    ]);
  });

  test('a daemon that ends late does not delete the file of its successor', () => {
    const dataDir = join(folder, 'two');
    const key = (letter: string) => letter.repeat(43);
    const first = announceRunning(
      dataDir,
      { url: 'http://localhost:1', origin: 'http://127.0.0.1:1', linkKey: key('a') },
      heardLog(),
    );
    announceRunning(
      dataDir,
      { url: 'http://localhost:2', origin: 'http://127.0.0.1:2', linkKey: key('b') },
      heardLog(),
    );
    first();
    expect(findRunning(dataDir)).toEqual({
      url: 'http://localhost:2',
      origin: 'http://127.0.0.1:2',
      linkKey: key('b'),
    });
  });

  test('the daemon runs also if its folder cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const log = heardLog();
    vi.useFakeTimers();
    const dataDir = join(file, 'data');
    const daemon = { url: 'http://localhost:1', origin: 'http://127.0.0.1:1', linkKey: 'a'.repeat(43) };
    const withdraw = announceRunning(dataDir, daemon, log);
    vi.advanceTimersByTime(60_000);
    expect(log.lines).toEqual([{ level: 'warn', text: expect.stringContaining('no login links') }]);
    rmSync(file);
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    expect(findRunning(dataDir)).toEqual(daemon);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    withdraw();
    expect(() => findRunning(dataDir)).toThrow('No Mien runs');
  });
});

describe('mien access certificate', () => {
  test('writes one for all names of the device, with a private key file, and overwrites nothing', async () => {
    const where = join(folder, 'tls');
    mkdirSync(where);
    const text = await outputOf([
      'certificate',
      where,
      '--name',
      'mien.example.org',
      '--name',
      '192.0.2.7',
      '--days',
      '30',
    ]);
    const certificate = new X509Certificate(readFileSync(join(where, 'mien-cert.pem')));
    for (const name of ['mien.example.org', 'localhost']) expect(certificate.checkHost(name)).toBe(name);
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(text).toContain(certificate.fingerprint256);
    expect(statSync(join(where, 'mien-key.pem')).mode & 0o077).toBe(0);
    await expect(outputOf(['certificate', where])).rejects.toMatchObject({
      code: exitCode.cannotWrite,
      message: `Cannot write ${join(where, 'mien-cert.pem')}: it already exists`,
    });
  });

  test('says why it failed', async () => {
    await expect(outputOf(['certificate', join(folder, 'nowhere')])).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: expect.stringMatching(/^openssl failed: .*/),
    });
    vi.stubEnv('PATH', folder);
    await expect(outputOf(['certificate', folder])).rejects.toMatchObject({
      message: 'openssl is not installed',
      remedy: 'Install it: sudo apt-get install openssl',
    });
    vi.unstubAllEnvs();
  });
});

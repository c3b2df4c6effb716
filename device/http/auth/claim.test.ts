import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { cookieOf, host, local, password, passwordHash, remote } from '../../lab/fixtures/guarded-device.ts';
import { FakeClock, fixture, silentLog } from '../../lab/fixtures/http-fixture.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { Claim } from './claim.ts';
import { isPassword } from './secrets.ts';

const synced: string[] = [];
vi.mock(import('../../core/folder.ts'), async (original) => {
  const real = await original();
  return { ...real, syncFolder: (folder) => void synced.push(`${folder} ${existsSync(join(folder, 'claim.json'))}`) };
});

const dataDir = scratchFolder();
const file = join(dataDir, 'claim.json');
const claimCode = 'K7PX-4MQT';

beforeEach(() => rmSync(file, { force: true }));

const config = (http: object = {}) => configSchema.parse({ dataDir, http: { host: '0.0.0.0', claimCode, ...http } });

/** A start of a device that was provisioned with a claim code. */
function start(http: object = {}) {
  const clock = new FakeClock();
  const { app } = fixture({ config: config(http), clock });
  const ask = async (init: RequestInit = {}, from: object = remote) => {
    const headers = {
      host: from === local ? '127.0.0.1:8080' : host,
      'content-type': 'application/json',
      ...(init.headers as object),
    };
    const response = await app.request('/api/v1/session', { ...init, headers }, from as never);
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, response };
  };
  const send = (body: object, from?: object) => ask({ method: 'POST', body: JSON.stringify(body) }, from);
  return { app, clock, ask, send };
}

test('the screen of the device shows the code; other machines learn only that it can be claimed', async () => {
  const { ask } = start();
  expect((await ask({}, local)).body).toMatchObject({ role: 'viewer', password: false, claim: { code: claimCode } });
  const { body } = await ask();
  expect(body).toEqual({ role: null, by: 'nothing', password: false, claim: {} });
});

test('the code sets the password once and logs in as operator; a restart keeps it', async () => {
  const device = start();
  const claimed = await device.send({ claim: 'k7px 4mqt', password });
  expect(claimed).toMatchObject({ status: 200, body: { role: 'operator', password: true } });
  const settings = await device.app.request(
    '/api/v1/config',
    { headers: { host, cookie: cookieOf(claimed.response) } },
    remote as never,
  );
  expect(settings.status).toBe(200);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(password);
  for (const again of [device, start()]) {
    expect((await again.send({ claim: claimCode, password: 'another password' })).status).toBe(401);
    expect((await again.ask({}, local)).body).not.toHaveProperty('claim');
    expect((await again.send({ password })).status).toBe(200);
    expect((await again.send({ password: 'another password' })).status).toBe(401);
  }
});

test('of two claims at the same time one wins', async () => {
  const { send } = start();
  const answers = await Promise.all(
    ['first password', 'second password'].map((each) => send({ claim: claimCode, password: each })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
});

test('a wrong code is refused, and after five guesses a machine must wait', async () => {
  const { send, ask } = start();
  for (let guess = 0; guess < 5; guess += 1) {
    expect((await send({ claim: `AAAA-AAA${guess + 2}`, password })).status).toBe(401);
  }
  expect((await send({ claim: claimCode, password })).status).toBe(429);
  expect((await ask()).body).toMatchObject({ password: false });
  expect(existsSync(file)).toBe(false);
});

test('a short password is refused', async () => {
  const { send } = start();
  expect((await send({ claim: claimCode, password: 'seven77' })).status).toBe(422);
  expect(existsSync(file)).toBe(false);
});

test('behind a proxy nobody sees the code, but it claims the device', async () => {
  const { ask, send } = start({ trustedProxies: ['192.168.1.9'] });
  expect((await ask({}, local)).body.claim).toEqual({});
  expect((await send({ claim: claimCode, password })).status).toBe(200);
});

test('a power cut after the claim does not undo it', async () => {
  synced.length = 0;
  expect(await new Claim(config(), silentLog).take(claimCode, password)).toBe(true);
  expect(synced).toEqual([`${dataDir} true`]);
});

test('a configured password closes the claim', async () => {
  const { send, ask } = start({ passwordHash });
  expect((await ask({}, local)).body).not.toHaveProperty('claim');
  expect((await send({ claim: claimCode, password: 'another password' })).status).toBe(401);
});

test('a damaged file of a claim does not open the device to the next one', async () => {
  writeFileSync(file, '{}');
  const log = heardLog();
  const claim = new Claim(config(), log);
  expect(claim.openCode).toBeUndefined();
  expect(await isPassword(password, claim.passwordHash!)).toBe(false);
  expect(log.lines.map(({ text }) => text)).toEqual([expect.stringMatching(/holds no hash of a password\. Delete it/)]);
});

test('a claim that cannot be kept leaves the device unclaimed', async () => {
  mkdirSync(`${file}.new`);
  const claim = new Claim(config(), silentLog);
  await expect(claim.take(claimCode, password)).rejects.toThrow(/cannot be kept/);
  expect([claim.openCode, claim.passwordHash]).toEqual([claimCode, undefined]);
});

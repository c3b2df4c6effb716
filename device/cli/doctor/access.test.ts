import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigWithSources } from '../../config/load.ts';
import { hashPassword } from '../../http/auth/secrets.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { makeSelfSigned } from '../access/self-signed.ts';
import { checkAccess } from './access.ts';
import { examine } from './doctor.ts';

const folder = scratchFolder();
const token = 'operator-token-of-thirty-two-letters';
const cheap = { ln: 14, r: 8, p: 1 };

function check(http: object, { mode = 0o640, now }: { mode?: number; now?: number } = {}) {
  const file = join(folder, 'mien.yaml');
  writeFileSync(file, JSON.stringify({ device: { name: 'lobby-7' }, http }));
  chmodSync(file, mode);
  return checkAccess(loadConfigWithSources({ file, env: {} }), now);
}

async function certificate(name: string, days: number) {
  const [cert, key] = [join(folder, `${name}-cert.pem`), join(folder, `${name}-key.pem`)];
  await makeSelfSigned({ cert, key, names: ['lobby'], days });
  return { cert, key };
}

describe('access', () => {
  it('reports whether the device is open to the network, and its protection', async () => {
    expect(await check({})).toEqual([{ part: 'access', state: 'ok', detail: '127.0.0.1: this device only' }]);
    expect(await check({ host: '0.0.0.0', token })).toMatchObject([
      {
        part: 'access',
        state: 'warn',
        detail: '0.0.0.0: the network, with a token, but passwords and pictures pass it unencrypted',
        remedy: expect.stringContaining('mien access certificate'),
      },
    ]);
    expect(await check({ host: '0.0.0.0', token, tls: await certificate('good', 90) })).toMatchObject([
      { part: 'access', state: 'ok', detail: '0.0.0.0: the network, encrypted, with a token' },
      {
        part: 'certificate',
        state: 'ok',
        detail: expect.stringMatching(/^for DNS:lobby, valid until \d{4}-\d\d-\d\d$/),
      },
    ]);
  });

  it('fails with the settings to add if the device is open without a password or token', async () => {
    const findings = await examine({ env: {}, flags: { set: ['http.host=0.0.0.0'] } });
    expect(findings.find(({ part }) => part === 'config')).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(/http\.host: .*http\.passwordHash .*http\.token/),
    });
  });

  it('warns of a certificate that expires soon, and fails on an expired or missing one', async () => {
    const soon = await certificate('soon', 5);
    expect(await check({ tls: soon })).toMatchObject([
      { part: 'access' },
      { part: 'certificate', state: 'warn', detail: expect.stringMatching(/expires soon, on \d{4}-\d\d-\d\d$/) },
    ]);
    expect(await check({ tls: soon }, { now: Date.now() + 6 * 86_400_000 })).toMatchObject([
      { part: 'access' },
      { part: 'certificate', state: 'fail', detail: expect.stringMatching(/expired on/) },
    ]);
    expect(await check({ tls: { cert: join(folder, 'none'), key: join(folder, 'none') } })).toMatchObject([
      { part: 'access' },
      { part: 'certificate', state: 'fail', remedy: expect.stringContaining('mien access certificate') },
    ]);
  });

  it('warns of keys and secrets that every user can read', async () => {
    const tls = await certificate('open', 90);
    chmodSync(tls.key, 0o644);
    expect(await check({ token, tls }, { mode: 0o644 })).toMatchObject([
      { part: 'access' },
      { part: 'certificate', state: 'warn', remedy: `Run: chmod 600 ${tls.key}` },
      { part: 'secrets', state: 'warn', detail: expect.stringContaining('http.token'), remedy: expect.any(String) },
    ]);
    expect(JSON.stringify(await check({ token }, { mode: 0o644 }))).not.toContain(token);
    expect(await check({}, { mode: 0o644 })).toHaveLength(1);
  });

  it('fails on a common password, and warns of a cheap hash', async () => {
    const passwordOf = async (password: string, cost?: typeof cheap) =>
      (await check({ passwordHash: await hashPassword(password, cost) }))[1];
    expect(await passwordOf('admin', cheap)).toMatchObject({ part: 'password', state: 'fail' });
    expect(await passwordOf('lobby-7', cheap)).toMatchObject({ part: 'password', state: 'fail' });
    expect(await passwordOf('correct horse', cheap)).toMatchObject({ part: 'password', state: 'warn' });
    expect(await passwordOf('correct horse')).toMatchObject({ part: 'password', state: 'ok' });
    // Hashing is slow on purpose, and slower on a busy machine.
  }, 90_000);
});

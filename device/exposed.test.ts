/** The built program, opened to the network: what it refuses, what it prints, who gets in. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from './cli/access/self-signed.ts';
import { hashPassword } from './http/auth/secrets.ts';
import { Mien } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const folder = scratchFolder();
const token = 'operator-token-of-thirty-two-letters';
const started: Mien[] = [];
afterEach(async () => {
  for (const mien of started.splice(0)) await mien.stop('SIGKILL');
});

function run(verb: readonly string[], settings: Record<string, string | number>): Mien {
  const mien = new Mien([
    ...verb,
    ...Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`]),
  ]);
  started.push(mien);
  return mien;
}

const daemon = { 'camera.source': 'demo', 'mqtt.enabled': 'false', 'http.port': 0, dataDir: join(folder, 'data') };

describe('a network bind', () => {
  it('without a password or token is refused at the start, with what to set', async () => {
    const mien = run(['run'], { ...daemon, 'http.host': '0.0.0.0' });
    expect(await mien.exited).toBe(78);
    expect(mien.stderr).toBe(
      'mien: Configuration: http.host: expected 127.0.0.1 as long as there is no password or token: set http.passwordHash ' +
        '(npx mien access password) or http.token (npx mien access token) to open it to the network, got "0.0.0.0" (from --set). ' +
        'See all settings with: npx mien config reference\n',
    );
  });

  it('with a token tells its addresses, lets in who has it, and never prints it', async () => {
    const mien = run(['run'], { ...daemon, 'http.host': '0.0.0.0', 'http.token': token });
    const url = await mien.url();
    await mien.prints(/From other machines: http:\/\/\S+:\d+/);
    await mien.prints(/unencrypted: set http\.tls/);
    const state = (headers: Record<string, string>) => fetch(`${url}/api/v1/state`, { headers });
    expect((await state({})).status).toBe(200);
    // A proxy's header stands for another machine, and from then on the device itself must log in too.
    const elsewhere = { 'x-forwarded-for': '192.168.1.7' };
    expect((await state(elsewhere)).status).toBe(401);
    expect((await state({ ...elsewhere, authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await state({})).status).toBe(401);

    // Whoever may read the daemon's files gets in by a link.
    const made = run(['access', 'link'], { dataDir: daemon.dataDir });
    expect(await made.exited, made.stderr).toBe(0);
    const link = /#link=(\S+)/.exec(made.stdout)![1];
    const login = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      body: JSON.stringify({ link }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await login.json()).toMatchObject({ role: 'operator' });

    expect(await mien.stop()).toBe(0);
    expect(mien.stdout + mien.stderr).not.toContain(token);
    expect(mien.stdout + mien.stderr).not.toContain(link);
    const late = run(['access', 'link'], { dataDir: daemon.dataDir });
    expect(await late.exited).toBe(69);
    expect(late.stderr).toContain(`No Mien runs with the data folder ${daemon.dataDir}`);
  }, 120_000);

  it('shows no secret of its configuration', async () => {
    const passwordHash = await hashPassword('correct horse battery', { ln: 14, r: 8, p: 1 });
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await makeSelfSigned({ cert, key, names: ['lobby'], days: 90 });
    const file = join(folder, 'mien.yaml');
    const viewerToken = 'viewer-token-of-thirty-two-letters-x';
    writeFileSync(file, JSON.stringify({ http: { host: '::', token, viewerToken, passwordHash, tls: { cert, key } } }));
    for (const verb of [
      ['config', 'show'],
      ['config', 'show', '--json'],
      ['config', 'check'],
    ]) {
      const mien = run([...verb, '--config', file], {});
      expect(await mien.exited).toBe(0);
      for (const secret of [token, viewerToken, passwordHash]) expect(mien.stdout + mien.stderr).not.toContain(secret);
      if (verb[1] === 'show') expect(mien.stdout.match(/"\*\*\*"/g)).toHaveLength(3);
    }
    writeFileSync(file, JSON.stringify({ http: { host: '::', token: 'hunter2', passwordHash: 'hunter2' } }));
    const mien = run(['config', 'check', '--config', file], {});
    expect(await mien.exited).toBe(78);
    expect(mien.stderr).toContain('http.token: expected a token of 32 to 256 letters and digits');
    expect(mien.stderr).toContain('http.passwordHash: expected a hash made by "npx mien access password", got "***"');
    expect(mien.stderr).not.toContain('hunter2');
  }, 120_000);
});

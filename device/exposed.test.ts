/** The built program with a network bind: refusals, output and access. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'vitest';
import { makeSelfSigned } from './cli/access/self-signed.ts';
import { hashPassword } from './http/auth/secrets.ts';
import { Mien } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const folder = scratchFolder();
const token = 'operator-token-of-thirty-two-letters';

type Run = (command: readonly string[], settings: Record<string, string | number>) => Mien;

/** Starts commands and ends them after the test. */
function runnerOf({ onTestFinished }: TestContext): Run {
  return (command, settings) => {
    const flags = Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`]);
    const mien = new Mien([...command, ...flags]);
    onTestFinished(async () => {
      await mien.stop('SIGKILL');
    });
    return mien;
  };
}

const daemon = { 'camera.source': 'demo', 'mqtt.enabled': 'false', 'http.port': 0, dataDir: join(folder, 'data') };

describe.concurrent('a network bind', { timeout: 120_000 }, () => {
  it('without a password or token is refused at the start, with the settings to change', async (context) => {
    const { expect } = context;
    const run = runnerOf(context);
    const mien = run(['run'], { ...daemon, 'http.host': '0.0.0.0' });
    expect(await mien.exited).toBe(78);
    expect(mien.stderr).toBe(
      'mien: Configuration: http.host: expected 127.0.0.1 as long as there is no password or token: set http.passwordHash ' +
        '(npx mien access password) or http.token (npx mien access token) to open it to the network, got "0.0.0.0" (from --set). ' +
        'See all settings with: npx mien config reference\n',
    );
  });

  it('with a token prints its addresses, admits the holder of the token, and never prints the token', async (context) => {
    const { expect } = context;
    const run = runnerOf(context);
    const mien = run(['run'], { ...daemon, 'http.host': '0.0.0.0', 'http.token': token });
    const url = await mien.url();
    await mien.prints(/From other machines: http:\/\/\S+:\d+/);
    await mien.prints(/unencrypted: set http\.tls/);
    const state = (headers: Record<string, string>) => fetch(`${url}/api/v1/state`, { headers });
    expect((await state({})).status).toBe(200);
    // The header of a proxy means another machine. After it the device itself must authenticate too.
    const elsewhere = { 'x-forwarded-for': '192.168.1.7' };
    expect((await state(elsewhere)).status).toBe(401);
    expect((await state({ ...elsewhere, authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await state({})).status).toBe(401);

    // A user who may read the files of the daemon can log in by a link.
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
  });

  it('shows no secret of its configuration', async (context) => {
    const { expect } = context;
    const run = runnerOf(context);
    const passwordHash = await hashPassword('correct horse battery', { ln: 14, r: 8, p: 1 });
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await makeSelfSigned({ cert, key, names: ['lobby'], days: 90 });
    const file = join(folder, 'mien.yaml');
    const viewerToken = 'viewer-token-of-thirty-two-letters-x';
    writeFileSync(file, JSON.stringify({ http: { host: '::', token, viewerToken, passwordHash, tls: { cert, key } } }));
    const commands = [
      ['config', 'show'],
      ['config', 'show', '--json'],
      ['config', 'check'],
    ];
    for (const [command, mien] of commands.map((each) => [each, run([...each, '--config', file], {})] as const)) {
      expect(await mien.exited).toBe(0);
      for (const secret of [token, viewerToken, passwordHash]) expect(mien.stdout + mien.stderr).not.toContain(secret);
      if (command[1] === 'show') expect(mien.stdout.match(/"\*\*\*"/g)).toHaveLength(3);
    }
    writeFileSync(file, JSON.stringify({ http: { host: '::', token: 'hunter2', passwordHash: 'hunter2' } }));
    const mien = run(['config', 'check', '--config', file], {});
    expect(await mien.exited).toBe(78);
    expect(mien.stderr).toContain('http.token: expected a token of 32 to 256 letters and digits');
    expect(mien.stderr).toContain('http.passwordHash: expected a hash made by "npx mien access password", got "***"');
    expect(mien.stderr).not.toContain('hunter2');
  });
});

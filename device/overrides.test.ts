import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'vitest';
import { Mien } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

/** Settings made on /admin, on the built daemon: restarts, resets and a damaged file. */

const token = 'operator-token-of-at-least-32-characters';
const scratch = scratchFolder();

interface Settings {
  readonly values: { readonly camera: { readonly fps: number }; readonly log: { readonly level: string } };
  readonly configured: { readonly camera: { readonly fps: number } };
  readonly changed: readonly string[];
  readonly overrides: { readonly isKept: boolean; readonly fault?: string };
}

/** A data folder, its daemons and the commands that use it. */
function folderOf(name: string, { expect, onTestFinished }: TestContext) {
  const folder = join(scratch, name);
  const file = join(folder, 'overrides.json');
  const flags = ['--set', `dataDir=${folder}`, '--set', 'camera.fps=20'];

  const run = async () => {
    const source = ['--source', 'demo', '--port', '0', '--set', 'mqtt.enabled=false', '--set', `http.token=${token}`];
    const mien = new Mien(['run', ...source, ...flags]);
    onTestFinished(async () => {
      await mien.stop('SIGKILL');
    });
    const url = await mien.url();
    const request = async (method = 'GET', body?: object): Promise<Settings> => {
      const response = await fetch(`${url}/api/v1/settings`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Settings;
    };
    return { mien, request };
  };

  const command = async (...args: string[]): Promise<string> => {
    const mien = new Mien(['config', ...args, ...flags]);
    expect(await mien.exited, mien.stderr).toBe(0);
    return mien.stdout;
  };
  return { folder, file, run, command };
}

describe.concurrent('overrides', () => {
  test('a setting that was changed at run time is kept after a kill, and is removed by a reset', async (context) => {
    const { expect } = context;
    const { file, run, command } = folderOf('kept', context);
    const first = await run();
    const made = await first.request('PATCH', { camera: { fps: 12 }, log: { level: 'debug' } });
    expect(made).toMatchObject({ changed: ['camera.fps', 'log.level'], overrides: { isKept: true } });
    await first.mien.stop('SIGKILL');

    const second = await run();
    const shown = command('show');
    expect(await second.request()).toMatchObject({
      values: { camera: { fps: 12 } },
      configured: { camera: { fps: 20 } },
    });
    expect(second.mien.stderr).toContain('Settings made on /admin override the configuration');
    expect(await shown).toMatch(/^camera\.fps +12 .*overrides\.json \(configured: 20, --set\)$/m);
    await second.mien.stop();

    expect(await command('reset', 'camera.fps')).toContain('Reset: camera.fps.');
    const third = await run();
    expect(await third.request()).toMatchObject({ values: { camera: { fps: 20 } }, changed: ['log.level'] });
    expect(await third.request('DELETE')).toMatchObject({ changed: [], values: { log: { level: 'info' } } });
    expect(existsSync(file)).toBe(false);
    await third.mien.stop();
  });

  test('a damaged file is reported and kept aside, and the daemon starts', async (context) => {
    const { expect } = context;
    const { folder, file, run } = folderOf('damaged', context);
    mkdirSync(folder);
    writeFileSync(file, '{"camera.fps": 12');
    const { mien, request } = await run();
    const { values, overrides } = await request();
    expect(values.camera.fps).toBe(20);
    expect(overrides.fault).toContain(`It is kept as ${file}.damaged`);
    expect(mien.stderr).toContain('Settings made on /admin are not in force');
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe('{"camera.fps": 12');
    await mien.stop();
  });
});

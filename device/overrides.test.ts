import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Mien } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

/** Settings made on /admin, on the built daemon: over restarts, resets and a file that is damaged. */

const token = 'operator-token-of-at-least-32-characters';
const folder = scratchFolder();
const file = join(folder, 'overrides.json');
const started: Mien[] = [];

afterEach(async () => {
  for (const each of started.splice(0)) await each.stop('SIGKILL');
});

interface Settings {
  readonly values: { readonly camera: { readonly fps: number }; readonly log: { readonly level: string } };
  readonly configured: { readonly camera: { readonly fps: number } };
  readonly changed: readonly string[];
  readonly overrides: { readonly isKept: boolean; readonly fault?: string };
}

const flags = ['--set', `dataDir=${folder}`, '--set', 'camera.fps=20'];

/** A daemon, and how to ask it for its settings. */
async function run() {
  const source = ['--source', 'demo', '--port', '0', '--set', 'mqtt.enabled=false', '--set', `http.token=${token}`];
  const mien = new Mien(['run', ...source, ...flags]);
  started.push(mien);
  const url = await mien.url();
  const ask = async (method = 'GET', body?: object): Promise<Settings> => {
    const response = await fetch(`${url}/api/v1/settings`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Settings;
  };
  return { mien, ask };
}

async function command(...args: string[]): Promise<string> {
  const mien = new Mien(['config', ...args, ...flags]);
  expect(await mien.exited, mien.stderr).toBe(0);
  return mien.stdout;
}

test('a setting that was made while the daemon ran is there after a kill, and goes with a reset', async () => {
  const first = await run();
  const made = await first.ask('PATCH', { camera: { fps: 12 }, log: { level: 'debug' } });
  expect(made).toMatchObject({ changed: ['camera.fps', 'log.level'], overrides: { isKept: true } });
  await first.mien.stop('SIGKILL');

  const second = await run();
  expect(await second.ask()).toMatchObject({ values: { camera: { fps: 12 } }, configured: { camera: { fps: 20 } } });
  expect(second.mien.stderr).toContain('Settings made on /admin are in force');
  expect(await command('show')).toMatch(/^camera\.fps +12 .*overrides\.json \(configured: 20, --set\)$/m);
  await second.mien.stop();

  expect(await command('reset', 'camera.fps')).toContain('Reset: camera.fps.');
  const third = await run();
  expect(await third.ask()).toMatchObject({ values: { camera: { fps: 20 } }, changed: ['log.level'] });
  expect(await third.ask('DELETE')).toMatchObject({ changed: [], values: { log: { level: 'info' } } });
  expect(existsSync(file)).toBe(false);
  await third.mien.stop();
});

test('a damaged file is named and kept aside, and the daemon starts', async () => {
  writeFileSync(file, '{"camera.fps": 12');
  const { mien, ask } = await run();
  const { values, overrides } = await ask();
  expect(values.camera.fps).toBe(20);
  expect(overrides.fault).toContain(`It is kept as ${file}.damaged`);
  expect(mien.stderr).toContain('Settings made on /admin are not in force');
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe('{"camera.fps": 12');
  await mien.stop();
});

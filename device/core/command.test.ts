import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { asCalled, commandName } from './command.ts';

test.each([
  ['npx mien', { npm_command: 'exec' }, '/srv/mien/node_modules/.bin/mien'],
  ['npx mien', { npm_command: 'run-script' }, '/srv/mien/device/dist/cli.js'],
  ['mien', { PATH: '/usr/bin:/usr/local/bin' }, '/usr/local/bin/mien'],
  ['node_modules/.bin/mien', { PATH: '/usr/bin' }, '/srv/mien/node_modules/.bin/mien'],
  ['device/dist/cli.js', { PATH: '/usr/bin' }, '/srv/mien/device/dist/cli.js'],
  ['/opt/mien/device/dist/cli.js', { PATH: '/usr/bin' }, '/opt/mien/device/dist/cli.js'],
  ['./cli.js', {}, '/srv/mien/cli.js'],
])('%s is the name of the program for this kind of start', (name, env, script) => {
  expect(commandName({ env, script, cwd: '/srv/mien' })).toBe(name);
});

test('an installed release is called mien where that is on the PATH, and never npx or node', () => {
  const folder = scratchFolder();
  const call = { env: { PATH: `/usr/bin:${folder}` }, script: '', cwd: '/', release: '/opt/mien/releases/1.0.0' };
  expect(commandName(call)).toBe('/opt/mien/releases/1.0.0/bin/mien');
  writeFileSync(join(folder, 'mien'), '');
  expect(commandName(call)).toBe('mien');
});

test('a remedy names the command as it was called, and nothing else changes', () => {
  const shown = (text: string) => asCalled(text, 'npx mien');
  expect(shown('List the cameras with: mien devices')).toBe('List the cameras with: npx mien devices');
  expect(shown('Start it (mien run), or use "mien demo"')).toBe('Start it (npx mien run), or use "npx mien demo"');
  for (const text of [
    'npx mien access link',
    'mien: no camera',
    'topics mien/lobby/#',
    'a mien of doubt',
    '/usr/bin/mien run',
  ])
    expect(shown(text)).toBe(text);
});

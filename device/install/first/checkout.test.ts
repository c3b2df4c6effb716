import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InstalledHost } from '../../lab/fixtures/installed-host.ts';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { assembleCheckout } from './checkout.ts';

const device = new InstalledHost();
const checkout = new TestFolder();

function writeCheckout(): void {
  const packages = {
    '': {},
    'node_modules/hono': {},
    'node_modules/@scope/part': {},
    'node_modules/hono/node_modules/inner': {},
    'node_modules/vitest': { dev: true },
    'node_modules/for-another-platform': { optional: true },
  };
  checkout.write('package.json', JSON.stringify({ name: 'mien', version: '0.3.0' }));
  checkout.write('package-lock.json', JSON.stringify({ packages }));
  for (const name of ['hono', '@scope/part', 'hono/node_modules/inner', 'vitest'])
    checkout.write(`node_modules/${name}/index.js`);
  for (const file of ['device/dist/cli.js', 'device/contract/a.json', 'device/demo/clip.mp4', 'kiosk/dist/index.html'])
    checkout.write(file);
  for (const file of ['models/manifest.json', 'systemd/mien.service', 'device/release/bin/mien']) checkout.write(file);
  checkout.write('systemd/launch/mien-launch.c', 'int main(void) { return 0; }\n');
}

test('a checkout becomes a release: product, packages without those of development, Node and launcher', async () => {
  writeCheckout();
  const { version, isNew } = await assembleCheckout(device.host, checkout.path);
  expect(isNew).toBe(true);
  expect(version).toMatch(/^0\.3\.0\+checkout\.[0-9a-f]{8}$/);
  const folder = device.releases.folder(version);
  expect(readdirSync(join(folder, 'node_modules')).sort()).toEqual(['@scope', 'hono']);
  expect(existsSync(join(folder, 'node_modules/hono/node_modules/inner/index.js'))).toBe(true);
  expect(readdirSync(join(folder, 'bin')).sort()).toEqual(['mien', 'mien-launch', 'node']);
  expect(readFileSync(join(folder, 'bin/node')).equals(readFileSync(process.execPath))).toBe(true);
  expect(statSync(join(folder, 'bin/mien')).mode & 0o777).toBe(0o755);
  expect(device.releases.isComplete(version)).toBe(true);
  expect(device.releases.describe(version)).toMatchObject({ version, arch: process.arch });
  expect(device.releases.productVersion(version)).toBe('0.3.0');
});

test('the same state is not copied again; another build is another release', async () => {
  writeCheckout();
  const { version } = await assembleCheckout(device.host, checkout.path);
  expect(await assembleCheckout(device.host, checkout.path)).toEqual({ version, isNew: false });
  checkout.write('device/dist/cli.js', 'changed');
  expect((await assembleCheckout(device.host, checkout.path)).version).not.toBe(version);
});

test('a checkout that is not built is refused with the command that builds it', async () => {
  checkout.write('package.json', '{"version":"0.3.0"}');
  await expect(assembleCheckout(device.host, checkout.path)).rejects.toThrow('The checkout lacks device/dist, ');
});

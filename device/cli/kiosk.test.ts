import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { exitCode } from '../core/errors.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { fileIn, scratchFolder } from '../lab/fixtures/scratch.ts';

const folder = scratchFolder();

/** Runs `mien kiosk` with these programs in PATH, and with no other one. */
async function kiosk(programs: readonly string[], ...args: string[]) {
  for (const name of programs) chmodSync(fileIn(folder, name, ''), 0o755);
  const run = new Mien(['kiosk', ...args], ['/usr/bin/env', `PATH=${folder}`, process.execPath]);
  return { code: await run.exited, stderr: run.stderr.trim() };
}

test('without the compositor or a browser it names the package to install', async () => {
  expect(await kiosk([])).toEqual({
    code: exitCode.unavailable,
    stderr:
      'mien: expected the compositor cage in PATH, found none. Install it with: sudo apt-get install cage xwayland',
  });
  expect(await kiosk(['cage'])).toEqual({
    code: exitCode.unavailable,
    stderr:
      'mien: expected the browser cog or chromium in PATH, found neither. Install it with: sudo apt-get install cog',
  });
  expect(await kiosk(['cage', 'cog'], '--browser', 'chromium')).toEqual({
    code: exitCode.unavailable,
    stderr: 'mien: expected the browser chromium in PATH, found none. Install it with: sudo apt-get install chromium',
  });
});

test('its default address is the one of the default configuration', async () => {
  const help = new Mien(['kiosk', '--help']);
  await help.exited;
  expect(help.stdout).toContain(`"http://localhost:${configSchema.parse({}).http.port}/")`);
});

test('an unknown browser and a wrong address are wrong usage', async () => {
  const browser = await kiosk([], '--browser', 'firefox');
  expect(browser.code).toBe(exitCode.usage);
  expect(browser.stderr).toMatch(/argument 'firefox' is invalid. Allowed choices are auto, cog, chromium/);
  expect(await kiosk([], '--url', 'lobby')).toEqual({
    code: exitCode.usage,
    stderr:
      'mien: --url: expected an address such as http://localhost:8080/, got "lobby". Use the address that Mien prints at its start',
  });
});

test.skipIf(process.getuid?.() !== 0)('root is refused (skipped: the tests do not run as root)', async () => {
  expect(await kiosk(['cage', 'cog'])).toEqual({
    code: exitCode.usage,
    stderr:
      'mien: expected a user without the rights of root, got root. Start the service instead: systemctl start mien-kiosk',
  });
});

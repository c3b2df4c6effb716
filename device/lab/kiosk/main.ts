/**
 * `npm run test:kiosk`: the command line of `systemd/mien-kiosk.service` on a virtual screen, with each browser. Prints `ok` or
 * `WRONG` per check, with its figure. Needs Debian's cage, xwayland, cog, chromium, xvfb and imagemagick.
 *
 *   npm run test:kiosk                 all, about 9 minutes
 *   npm run test:kiosk -- cog          one of: cog, chromium, no-display
 *
 * Pictures of the screen stay in the temporary folder; the output names them.
 */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { withScratchFolder } from '../bench/scratch.ts';
import { Checks } from '../checks.ts';
import { freePort } from '../fixtures/mosquitto.ts';
import { findProgram } from '../hub/engine.ts';
import { Life } from './life.ts';
import { KioskUnit } from './unit.ts';
import { VirtualScreen } from './virtual-screen.ts';

const browsers = ['cog', 'chromium'] as const;
const parts: readonly string[] = [...browsers, 'no-display'];

async function main(chosen: readonly string[]): Promise<number> {
  const unknown = chosen.find((each) => !parts.includes(each));
  if (unknown !== undefined) {
    throw new MienError(`expected ${parts.join(', ')} or nothing, got ${unknown}`, {
      code: exitCode.usage,
      remedy: 'For example: npm run test:kiosk -- cog',
    });
  }
  const isChosen = (part: string) => chosen.length === 0 || chosen.includes(part);
  for (const name of ['cage', ...browsers]) findProgram(name, [], `Install it with: apt-get install ${name}`);
  const checks = new Checks();
  const pictures = join(tmpdir(), 'mien-test-kiosk');
  mkdirSync(pictures, { recursive: true });
  const screen = await VirtualScreen.start();
  try {
    for (const browser of browsers.filter(isChosen)) {
      await withScratchFolder(async (folder) => {
        const unit = new KioskUnit(folder);
        const pictureFile = join(pictures, `${browser}.png`);
        const dataDir = join(folder, 'data');
        await new Life({ checks, screen, unit, browser, port: await freePort(), dataDir, pictureFile }).run();
      });
    }
  } finally {
    screen.stop();
  }
  if (isChosen('no-display')) await withScratchFolder((folder) => withoutDisplay(checks, new KioskUnit(folder)));
  console.log(checks.wrong === 0 ? 'All checks are ok' : `${checks.wrong} checks are WRONG`);
  return checks.wrong === 0 ? 0 : exitCode.failure;
}

/** A device whose screen cannot be opened waits, and does not fill the log. The daemon is one that answers. */
async function withoutDisplay(checks: Checks, unit: KioskUnit): Promise<void> {
  const daemon = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(daemon, 'listening');
  const { port } = daemon.address() as AddressInfo;
  unit.start(['--browser', 'cog', '--url', `http://127.0.0.1:${port}/`], {});
  const seconds = 200;
  await sleep(seconds * 1000);
  checks.report(unit.isRunning && unit.processes.browser() === undefined, 'no display: it waits without a browser');
  const { lines } = unit;
  checks.report(lines.length <= 3, `no display: ${lines.length} lines of log in ${seconds} s: ${lines.join(' | ')}`);
  const stoppedAt = performance.now();
  const code = await unit.end('SIGTERM');
  const stopS = (performance.now() - stoppedAt) / 1000;
  checks.report(code === 0 && stopS < 2, `no display: it ends with code ${code}, ${stopS.toFixed(1)} s after SIGTERM`);
  daemon.close();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.internal;
}

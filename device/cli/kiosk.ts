import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Command, Option } from 'commander';
import { systemClock } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { createLog } from '../ops/log.ts';
import { Backlight } from './kiosk/backlight.ts';
import { browserChoices, findPrograms } from './kiosk/browsers.ts';
import { isScreenConnected } from './kiosk/connectors.ts';
import { DaemonPage } from './kiosk/daemon-page.ts';
import { Kiosk } from './kiosk/kiosk.ts';
import { startSession } from './kiosk/session.ts';
import { untilStopped } from './signals.ts';

interface KioskOptions {
  readonly browser: (typeof browserChoices)[number];
  readonly url: string;
}

/** `mien kiosk` */
export function kioskCommand(): Command {
  return new Command('kiosk')
    .description(
      'Show the kiosk page on the screen of this device: starts cage with cog or Chromium once Mien answers, and again whenever the page is no longer drawn.',
    )
    .addOption(
      new Option('--browser <name>', 'auto: cog if it is installed, otherwise Chromium')
        .choices(browserChoices)
        .default('auto'),
    )
    .option('--url <url>', 'address of the kiosk page', 'http://localhost:8080/')
    .action(async (options: KioskOptions) => showPage(options));
}

async function showPage({ browser, url }: KioskOptions): Promise<void> {
  const page = new DaemonPage(url);
  const { env } = process;
  const programs = findPrograms(browser, env.PATH ?? '');
  refuseRoot();
  const log = createLog({ level: 'info', format: 'auto' });
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const { folder, remove } = runtimeFolder(env.RUNTIME_DIRECTORY);
  const options = { programs, url: page.url, folder, env };
  log.info(`Screen: ${programs.browser.name} in cage, with ${page.url}`);
  const kiosk = new Kiosk({
    ...{ page, start: () => startSession(options), isScreenConnected, backlight: new Backlight() },
    ...{ clock: systemClock, log },
  });
  try {
    await kiosk.run(stop.signal);
  } finally {
    remove();
  }
}

/** The folder of the browser: in systemd's RuntimeDirectory=, which lies in memory, or else a temporary one. */
function runtimeFolder(directories: string | undefined): { folder: string; remove: () => void } {
  const given = directories?.split(delimiter)[0] || undefined;
  try {
    const base = given ?? mkdtempSync(join(tmpdir(), 'mien-kiosk-'));
    accessSync(base, constants.W_OK);
    const folder = join(base, 'screen');
    const removed = given === undefined ? base : folder;
    return { folder, remove: () => rmSync(removed, { recursive: true, force: true, maxRetries: 3 }) };
  } catch (cause) {
    throw new MienError(`expected a folder for the browser that this user may write, got ${given ?? tmpdir()}`, {
      code: exitCode.cannotWrite,
      remedy: 'Check RUNTIME_DIRECTORY, or TMPDIR without it',
      cause,
    });
  }
}

/** cage refuses to run as root, with a message that names no remedy. */
function refuseRoot(): void {
  if (process.getuid?.() !== 0) return;
  throw new MienError('expected a user without the rights of root, got root', {
    code: exitCode.usage,
    remedy: 'Start the service instead: systemctl start mien-kiosk',
  });
}

/**
 * `npm run test:service`: the unit of systemd/ on a Debian host with its own systemd. Prints `ok` or `WRONG` per check, and exits
 * with 1 if one is wrong. Needs root, systemd-container, mmdebstrap, mosquitto and a C compiler.
 *
 *   npm run test:service                                        Debian 12, this checkout
 *   npm run test:service -- --suite trixie --release DIR        Debian 13, an unpacked release
 *
 * LAB names the folder of the base systems (default /tmp/mien-lab). The first run makes them.
 */
import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { Checks } from '../checks.ts';
import { freePort, startMosquitto } from '../fixtures/mosquitto.ts';
import { Host, type HostOptions, missing, suites } from './host.ts';
import { Trial } from './trial.ts';

const program = new Command('test:service')
  .description("Run the service's unit on a Debian host with its own systemd.")
  .addOption(new Option('--suite <name>', 'release of Debian').choices(suites).default('bookworm'))
  .option('--release <folder>', 'an unpacked release instead of the checkout')
  .action(async (options: Omit<HostOptions, 'lab'>) => {
    process.exitCode = await main(options);
  });

async function main(options: Omit<HostOptions, 'lab'>): Promise<number> {
  if (process.getuid?.() !== 0) throw missing('root', 'Run it as root: it starts a host');
  for (const [file, name] of [
    ['systemd-nspawn', 'systemd-container'],
    ['mmdebstrap', 'mmdebstrap'],
  ] as const) {
    if (spawnSync(file, ['--version']).error) throw missing(file, `apt-get install ${name}`);
  }
  const checks = new Checks();
  const host = new Host({ ...options, lab: process.env.LAB ?? '/tmp/mien-lab' });
  const broker = await startMosquitto();
  try {
    await host.start();
    await new Trial(checks, host, broker, await freePort()).run();
    if (checks.wrong > 0) console.log(host.run('journalctl', '-u', 'mien', '-o', 'cat', '-n', '100', '--no-pager'));
  } finally {
    await host.stop();
    await broker.stop();
  }
  console.log(checks.wrong === 0 ? 'All checks are ok' : `${checks.wrong} checks are WRONG`);
  return checks.wrong === 0 ? 0 : exitCode.failure;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.internal;
}

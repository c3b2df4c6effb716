/**
 * `npm run test:hub`: Mosquitto, Telegraf and PostgreSQL on 127.0.0.1, from exactly the files that Ansible deploys, under load.
 * Telegraf is killed twice and PostgreSQL restarted once meanwhile. Fails unless every record is in the database once.
 *
 *   npm run test:hub                                        50 devices of `mien simulate` for 30 s
 *   npm run test:hub -- --devices 1000 --seconds 600        the fleet of the acceptance test
 *   npm run test:hub -- --rate 2500 --seconds 20            made-up records at 2,500 messages a second
 *   npm run test:hub -- --restart-broker                    Mosquitto restarts as well
 *   npm run test:hub -- --telegrafs 2                       two on the shared subscription
 *   npm run test:hub -- -- PROGRAM ARGUMENTS                another load: its last line of output is JSON as of the type Sent
 *
 * A load finds in its environment: HUB_URL, HUB_CA (file of the certificate), HUB_DEVICES (names, comma-separated; each is a user
 * name too), HUB_PASSWORD (of all), HUB_SECONDS, HUB_RATE (messages a second of all; 0: as in production).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { faults, reportLines } from './report.ts';
import { runHub } from './run.ts';

/** Takes any rate; `mien simulate` keeps to that of real devices. */
const fastLoad = [process.execPath, join(packageRoot, 'device/lab/dist/lab/hub/load/main.js')];

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), 'mien-hub-'));
  try {
    const outcome = await runHub({ folder, ...options, print: (line) => console.log(line) });
    const { sent, there, panels } = outcome;
    for (const line of reportLines(outcome, options.devices)) console.log(line);
    const slowest = panels.reduce((worst, each) => (each.ms > worst.ms ? each : worst));
    console.log(`panels    ${panels.length} queries, slowest ${slowest.ms} ms: ${slowest.name}`);
    const empty = panels.filter(({ rows }) => rows === 0).map(({ name }) => name);
    refuse(faults(sent, there), 'Records were lost or added on the way.');
    refuse(
      empty.map((name) => `${name}: expected rows, got none`),
      'Run its query with psql or promtool.',
    );
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    console.error(`Logs of the engines: ${folder}`);
    throw error;
  }
}

function refuse(wrong: readonly string[], remedy: string): void {
  if (wrong.length > 0) throw new MienError(wrong.join('; '), { code: exitCode.badData, remedy });
}

function optionsOf(args: readonly string[]) {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const text = { type: 'string' } as const;
  const options = {
    devices: text,
    seconds: text,
    rate: text,
    telegrafs: text,
    'restart-broker': { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...own], options });
  if (values['restart-broker'] && values.telegrafs) {
    throw new MienError('expected --telegrafs or --restart-broker, got both', {
      code: exitCode.usage,
      remedy: 'Mosquitto forgets shared subscriptions when it restarts: test them apart.',
    });
  }
  const rate = wholeNumber('rate', values.rate, 0);
  const load = rate > 0 ? fastLoad : undefined;
  return {
    devices: wholeNumber('devices', values.devices, 50),
    seconds: wholeNumber('seconds', values.seconds, 30),
    rate,
    telegrafs: wholeNumber('telegrafs', values.telegrafs, 1),
    restartBroker: values['restart-broker'] ?? false,
    load: end < 0 ? load : args.slice(end + 1),
  };
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new MienError(`--${name}: expected a whole number, got "${text}"`, {
    code: exitCode.usage,
    remedy: `For example: npm run test:hub -- --${name} 1000`,
  });
}

try {
  await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.failure;
}

import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { maskAddress } from '../core/mask.ts';
import { requireOpenFiles } from '../core/open-files.ts';
import { createLog } from '../ops/log.ts';
import { type CliOptions, configOf, configOptions, seconds, wholeNumber } from './options.ts';
import { Progress } from './progress.ts';
import { untilStopped } from './signals.ts';
import { Fleet, nameOf } from './simulate/fleet.ts';
import { describeTotals } from './simulate/tally.ts';

const maxDevices = 99_999;
/** Connections of this process besides those of the devices. */
const ownFiles = 150;
const logIntervalMs = 10_000;

interface SimulateOptions extends CliOptions {
  readonly broker?: string;
  readonly base: string;
  readonly devices: number;
  readonly first: number;
  readonly rate: number;
  readonly for?: number;
  readonly duplicates: number;
  readonly userTemplate?: string;
  readonly seed: number;
  readonly homeAssistant?: boolean;
  readonly json?: boolean;
}

/** `mien simulate` */
export function simulateCommand(): Command {
  return configOptions(new Command('simulate'))
    .description(
      'Publish the messages of many devices with invented people, to test a broker, a dashboard or a database under load. A record stays until the broker has acknowledged it, as on a device.',
    )
    .option('--broker <url>', 'address of the broker, e.g. mqtt://127.0.0.1:1883 (required)')
    .option('--base <topic>', 'first level of all topics: <base>/sim-00001/...', 'mien-sim')
    .option('--devices <n>', 'number of devices, a connection each', wholeNumber, 10)
    .option('--first <n>', 'number of the first device, to run several processes', wholeNumber, 1)
    .option('--rate <n>', 'visits per second of all devices together', visitRate, 1)
    .option('--for <seconds>', 'stop after this time; otherwise at Ctrl-C', seconds)
    .option('--duplicates <share>', 'share of the records that are sent twice, 0 to 1', share, 0)
    .option(
      '--user-template <text>',
      'user name at the broker (mqtt.username); {device} becomes the name of the device',
    )
    .option('--home-assistant', 'announce each device to Home Assistant')
    .option('--seed <n>', 'the same seed makes the same people', wholeNumber, 1)
    .option('--json', 'print the totals as one line of JSON')
    .addHelpText(
      'after',
      '\nThe password is mqtt.password (MIEN_MQTT_PASSWORD); {device} in it becomes the name of the device.',
    )
    .action(simulate);
}

async function simulate(options: SimulateOptions): Promise<void> {
  const config = configFrom(options);
  const { devices, first, json } = options;
  requireDevices(first, devices);
  requireOpenFiles(undefined, devices + ownFiles);
  const names = devices === 1 ? nameOf(first) : `${nameOf(first)} to ${nameOf(first + devices - 1)}`;
  process.stderr.write(
    `mien: all data is invented; ${names} publish below ${config.mqtt.baseTopic}/ at ${maskAddress(config.mqtt.url)}\n`,
  );

  const stopped = untilStopped(options.for);
  const stopping = new AbortController();
  const fleet = new Fleet({ ...options, config, visitsPerSecond: options.rate, clock: systemClock, log: sparseLog() });
  const progress = new Progress('acknowledged messages', undefined);
  const ticker = setInterval(() => progress.update(fleet.messages), 100);
  const started = fleet.start(stopping.signal);
  await stopped;
  stopping.abort();
  await started;
  await fleet.stop();
  clearInterval(ticker);
  progress.finish();

  const totals = fleet.totals();
  process.stdout.write(json ? `${JSON.stringify(totals)}\n` : describeTotals(totals));
  if (totals.waiting + totals.lost > 0) process.exitCode = exitCode.failure;
}

/** The configuration of every device. The broker of a configuration file would receive invented data by accident. */
function configFrom(options: SimulateOptions): Config {
  if (options.broker === undefined) {
    throw new MienError('No broker is named for the invented data of mien simulate', {
      code: exitCode.usage,
      remedy: 'Name it, e.g. --broker mqtt://127.0.0.1:1883',
    });
  }
  const { broker: url, base: baseTopic, userTemplate: username, homeAssistant = false } = options;
  const mqtt = { enabled: true, url, baseTopic, username, homeAssistant: { enabled: homeAssistant } };
  return configOf(options, { mqtt });
}

function requireDevices(first: number, devices: number): void {
  if (devices > 0 && first > 0 && first + devices - 1 <= maxDevices) return;
  throw new MienError(
    `Expected devices between number 1 and ${maxDevices}, got ${devices} from number ${first} on (--devices, --first)`,
    { code: exitCode.usage, remedy: 'For example: --devices 100 --first 1' },
  );
}

/** Faults of a thousand devices have one cause: one line each 10 s, on stderr. */
function sparseLog(): Log {
  let shownAt = Number.NEGATIVE_INFINITY;
  const write = (line: string) => {
    const now = performance.now();
    if (now - shownAt < logIntervalMs) return;
    shownAt = now;
    process.stderr.write(line);
  };
  return createLog({ level: 'warn', format: 'text' }, { output: { write } });
}

function visitRate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 10_000)) throw new InvalidArgumentError('Expected visits per second, e.g. 1 or 0.2.');
  return value;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('Expected a share from 0 to 1, e.g. 0.05.');
  return value;
}

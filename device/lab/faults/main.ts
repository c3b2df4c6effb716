/**
 * `npm run test:faults`: the built daemon against a real Mosquitto, while daemon, broker and link fail. Prints a table, and
 * exits with 1 if a record was lost, changed or reordered, or a database was damaged.
 *
 *   npm run test:faults                         200 kills, 50 broker restarts, 20 half-open links, outages: about half an hour
 *   npm run test:faults -- --quick              a tenth of it
 *   npm run test:faults -- --only kills --kills 20 --seed 7
 *
 * The database of each device is the reference: every row must have arrived, nothing else, in order. A subscriber with a persistent
 * session records what arrives. Half-open links need root and iproute2.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { wholeNumber } from '../../cli/options.ts';
import { exitCode } from '../../core/errors.ts';
import { numbersFrom } from '../../core/seeded-numbers.ts';
import { describeMachine, machineLine } from '../bench/machine.ts';
import { table } from '../bench/table.ts';
import { brokerKill } from './scenarios/broker-kill.ts';
import { brokerRestarts } from './scenarios/broker-restarts.ts';
import { flapping } from './scenarios/flapping.ts';
import { halfOpen } from './scenarios/half-open.ts';
import { kills } from './scenarios/kills.ts';
import { outage } from './scenarios/outage.ts';
import { twoHours } from './scenarios/two-hours.ts';
import type { Context, Outcome } from './stage.ts';

interface Options {
  readonly kills?: number;
  readonly restarts?: number;
  readonly links?: number;
  readonly lanes: number;
  readonly quick?: boolean;
  readonly only?: string;
  readonly seed: number;
  readonly report?: boolean;
}

const scenarios: Readonly<Record<string, (context: Context, options: Options) => Promise<Outcome>>> = {
  kills: (context, { kills: count, lanes }) => kills(context, count ?? (context.quick ? 20 : 200), lanes),
  restarts: (context, { restarts }) => brokerRestarts(context, restarts ?? (context.quick ? 5 : 50)),
  links: (context, { links, lanes }) => halfOpen(context, links ?? (context.quick ? 2 : 20), Math.max(5, lanes)),
  outage: (context) => outage(context, context.quick ? 15 : 60),
  'two-hours': (context) => twoHours(context),
  flapping: (context) => flapping(context, context.quick ? 3 : 10),
  'broker-kill': (context) => brokerKill(context),
};

/** When `showProgress` last wrote a line, monotonic ms. */
let shownAt = 0;

const program = new Command('test:faults')
  .description(
    'Run the built daemon against a real broker while both fail, and compare what arrived with the databases.',
  )
  .option('--kills <n>', 'kills of the daemon (200)', wholeNumber)
  .option('--restarts <n>', 'restarts of the broker (50)', wholeNumber)
  .option('--links <n>', 'half-open links (20)', wholeNumber)
  .option('--lanes <n>', 'data folders in which daemons are killed at once', wholeNumber, 2)
  .option('--quick', 'a tenth of everything')
  .addOption(new Option('--only <scenario>', 'one scenario').choices(Object.keys(scenarios)))
  .option('--seed <n>', 'random moments; the default is the time', wholeNumber, Date.now() % 1_000_000)
  .option('--report', 'print the result as a line of JSON at the end')
  .action(run);
await program.parseAsync();

async function run(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mien-faults-'));
  const machine = describeMachine();
  console.log(`${machineLine(machine)}\nseed ${options.seed}`);
  const outcomes: Outcome[] = [];
  try {
    for (const [name, play] of Object.entries(scenarios)) {
      if (options.only !== undefined && options.only !== name) continue;
      const random = numbersFrom(options.seed);
      const outcome = await play({ folder, random, quick: options.quick === true, showProgress }, options);
      showProgress('');
      outcomes.push(outcome);
      console.log([outcome.done, ...outcome.notes, ...outcome.faults.map((fault) => `FAILED: ${fault}`)].join('\n  '));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(table('Faults', outcomes.map(rowOf)));
  if (options.report) console.log(JSON.stringify({ seed: options.seed, machine, outcomes }));
  if (outcomes.some(({ faults }) => faults.length > 0)) process.exitCode = exitCode.failure;
}

function rowOf({ scenario, verdict, integrityChecks, faults }: Outcome) {
  return {
    scenario,
    ...{ visits: verdict?.visits ?? '', minutes: verdict?.minutes ?? '', messages: verdict?.messages ?? '' },
    ...{ copies: verdict?.copies ?? '', lost: verdict?.lost.length ?? '', 'new ids': verdict?.foreign.length ?? '' },
    ...{ changed: verdict?.changed.length ?? '', 'out of order': verdict?.misordered.length ?? '' },
    'integrity checks': integrityChecks,
    result: faults.length === 0 ? 'ok' : 'FAILED',
  };
}

/** One line that is overwritten on a terminal, otherwise a line each 10 s. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`);
  else if (line !== '' && performance.now() - shownAt > 10_000) {
    shownAt = performance.now();
    process.stderr.write(`${line}\n`);
  }
}

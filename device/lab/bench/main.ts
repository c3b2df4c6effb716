/**
 * `npm run bench`: measures speed, memory and accuracy of Mien on this machine.
 *
 *   npm run bench                              stages and product; with --clips DIR, quality too
 *   npm run bench -- stages                    each stage alone, and the overhead of a frame over the bare kernels
 *   npm run bench -- product --seconds 60      the daemon as a whole, measured from outside
 *   npm run bench -- answers                   the heaviest request of every route, 20 at once, and the delay of /healthz
 *   npm run bench -- writes                    bytes that the log writes on a day with 1,000 visits
 *   npm run bench -- quality --clips DIR       tracks, visits, recall, precision and expressions on recordings of people
 *   npm run bench -- reasons --faces DIR --votes CSV   agreement with people by size, light, blur and pose of the face
 *   npm run bench -- peers [--clips DIR]       comparison with two other programs, installed below .mien/peers
 *   npm run bench -- kiosk --minutes 30        the page in Chromium: size, time until live, frame rate, heap
 *   npm run bench -- soak --minutes 30         growth of memory; --frames 290000 runs at least that many frames
 *
 * Each part has the option --json FILE, and --config and --set as the commands of mien.
 */
import { Command, InvalidArgumentError } from 'commander';
import { type CliOptions, configOf, configOptions, modelsDirOf, seconds, wholeNumber } from '../../cli/options.ts';
import { exitWhenUnread } from '../../cli/signals.ts';
import type { Config } from '../../config/schema.ts';
import { MienError } from '../../core/errors.ts';
import { benchAnswers } from './answers/part.ts';
import { benchKiosk } from './kiosk/part.ts';
import { describeMachine, machineLine } from './machine.ts';
import { benchPeers } from './peers/part.ts';
import { benchProduct } from './product/part.ts';
import { benchQuality } from './quality/part.ts';
import { benchReasons } from './reasons/part.ts';
import { Report } from './report.ts';
import { benchSoak } from './soak/part.ts';
import { benchStages } from './stages/part.ts';
import { benchWrites } from './writes/part.ts';

/** Input of every part. */
interface Context {
  readonly config: Config;
  readonly modelsDir: string;
  /** Flags of `mien run` for the same configuration. */
  readonly flags: readonly string[];
}

type Options = CliOptions & { readonly json?: string };

const length = ['--seconds <n>', 'duration of each run of the product, in s', seconds, 15] as const;
const frames = ['--frames <n>', 'frames of each scene', wholeNumber, 90] as const;
const clips = ['--clips <folder>', 'recordings of people'] as const;

const bench = new Command('bench')
  .description('Measure speed, memory and accuracy of Mien on this machine.')
  .showHelpAfterError('(see npm run bench -- --help)');

part('all', 'stages and product; with --clips also quality', true)
  .option(...length)
  .option(...frames)
  .option(...clips)
  .action((options) =>
    run(options, async (context, report) => {
      await benchStages({ ...context, frames: options.frames }, report);
      await benchProduct({ ...context, seconds: options.seconds }, report);
      if (options.clips) await benchQuality({ ...context, clips: options.clips }, report);
    }),
  );
part('stages', 'each stage alone, and the overhead of a frame over the bare kernels')
  .option(...frames)
  .action((options) => run(options, (context, report) => benchStages({ ...context, frames: options.frames }, report)));
part('product', 'the daemon as a whole, measured from outside')
  .option(...length)
  .action((options) =>
    run(options, (context, report) => benchProduct({ ...context, seconds: options.seconds }, report)),
  );
part('answers', 'the heaviest request of every route, 20 at once, and the delay of /healthz')
  .option('--rows <n>', 'samples in the log', wholeNumber, 500_000)
  .action((options) => run(options, (context, report) => benchAnswers({ ...context, rows: options.rows }, report)));
part('writes', 'bytes that the log writes on one day, in compressed time')
  .option('--visits <n>', 'visits of the day', wholeNumber, 1000)
  .action((options) => run(options, (_context, report) => benchWrites({ visits: options.visits }, report)));
part(
  'quality',
  'tracks, visits, recall and precision on recordings of people; with an expected.json in the folder also expressions',
)
  .requiredOption(...clips)
  .action((options) => run(options, (context, report) => benchQuality({ ...context, clips: options.clips }, report)));
part('reasons', 'agreement with people by size, light, blur and pose of the face, for the limits of a card')
  .requiredOption('--faces <folder>', 'face crops, <class>/*.png: the test split of FER-2013')
  .requiredOption('--votes <csv>', "FER+'s fer2013new.csv")
  .option('--every <n>', 'use every n-th picture only', wholeNumber, 1)
  .action((options) =>
    run(options, (context, report) => {
      const { faces, votes, every } = options;
      return benchReasons({ ...context, faces, votes, every: Math.max(1, every) }, report);
    }),
  );
part('peers', 'comparison with two other programs on the same frames; installs them below .mien/peers')
  .option(...clips)
  .option('--rounds <n>', 'passes of each program over each clip', wholeNumber, 3)
  .action((options) =>
    run(options, (context, report) => benchPeers({ ...context, clips: options.clips, rounds: options.rounds }, report)),
  );
part('kiosk', 'the page in Chromium: size, time until live, frame rate, heap')
  .option('--minutes <n>', 'duration', minutes, 1)
  .action((options) => run(options, (_context, report) => benchKiosk({ minutes: options.minutes }, report)));
part('soak', 'growth of memory')
  .option('--minutes <n>', 'duration', minutes, 30)
  .option('--frames <n>', 'run at least this many frames', wholeNumber, 0)
  .option('--source <spec>', 'source, played repeatedly at full speed; see camera.source', 'demo')
  .option('--from <file>', 'evaluate the samples of an earlier run, complete or not')
  .action((options) =>
    run(options, (context, report) => {
      const { minutes, frames, source, from } = options;
      return benchSoak({ ...context, minutes, frames, source, from }, report);
    }),
  );

exitWhenUnread();
try {
  await bench.parseAsync();
} catch (error) {
  if (!(error instanceof MienError)) throw error;
  process.stderr.write(`mien: ${error.message}. ${error.remedy}\n`);
  process.exitCode = error.code;
}

function part(name: string, summary: string, isDefault = false): Command {
  return configOptions(bench.command(name, { isDefault }))
    .description(summary)
    .option('--json <file>', 'also write the figures as JSON');
}

async function run(options: Options, work: (context: Context, report: Report) => Promise<void>): Promise<void> {
  endAtSignals();
  const config = configOf(options);
  const machine = describeMachine();
  const report = new Report((text) => process.stdout.write(text), { machine });
  report.say(machineLine(machine));
  await work({ config, modelsDir: modelsDirOf(config), flags: flagsOf(options) }, report);
  report.finish(options.json);
}

/** Exits through process.exit, so that scratch folders and daemons are cleaned up. The soak has its own handler, which takes precedence. */
function endAtSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}

function flagsOf({ config, set = [] }: Options): string[] {
  return [...(config === undefined ? [] : ['--config', config]), ...set.flatMap((each) => ['--set', each])];
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number of minutes, e.g. 30.');
  return value;
}

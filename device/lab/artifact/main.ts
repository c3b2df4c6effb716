/**
 * `npm run test:artifact -- ARCHIVE`: an archive of `npm run package` on the smallest Debian 12 and 13, compared with this checkout.
 * Prints `ok` or `WRONG` per check, with its figure, and exits with 1 if one is wrong. Needs root, systemd-container and
 * mmdebstrap, for an archive of another platform also qemu-user-static and arch-test; the first run needs Debian's archive and the npm registry.
 *
 *   npm run test:artifact -- dist/mien-0.1.0-x64.tar.gz
 *   npm run test:artifact -- --frames 8 dist/mien-0.1.0-arm64.tar.gz        emulated: labels, but neither memory nor start
 *
 * LAB names the folder of the clean systems (default /tmp/mien-lab).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { Checks } from '../checks.ts';
import { clip } from '../fixtures/shared.ts';
import { missing } from '../service/host.ts';
import { type Suite, suites } from './clean-root.ts';
import { Trial } from './trial.ts';

interface Options {
  readonly suite: readonly Suite[];
  readonly clip?: readonly string[];
  readonly frames?: number;
  readonly faces: number;
}

const ownClips = ['face-demographics-walking-and-pause.mp4', 'head-pose-face-detection-male.mp4'];
const programs = { 'systemd-nspawn': 'systemd-container', mmdebstrap: 'mmdebstrap' };

const program = new Command('test:artifact')
  .description('Try an archive of npm run package on the smallest Debian, and compare it with this checkout.')
  .argument('<archive>', 'such as dist/mien-0.1.0-x64.tar.gz')
  .addOption(new Option('--suite <name...>', 'releases of Debian').choices(suites).default([...suites]))
  .option('--clip <file...>', 'recordings of people, at least two')
  .option(
    '--frames <n>',
    'analyse so many frames of each clip only: an emulated processor takes seconds for one',
    count,
  )
  .option('--faces <n>', 'at least so many faces must be compared', count, 20)
  .action(async (archive: string, options: Options) => {
    process.exitCode = await main(resolve(archive), options);
  });

async function main(archive: string, { suite, frames, faces, ...options }: Options): Promise<number> {
  if (process.getuid?.() !== 0) throw missing('root', 'Run it as root: it starts Debian in a container');
  for (const [file, name] of Object.entries(programs))
    if (spawnSync(file, ['--version']).error) throw missing(file, `apt-get install ${name}`);
  if (!existsSync(archive)) throw missing(archive, 'Make it: npm run package -- --key FILE');
  const clips = options.clip?.map((file) => resolve(file)) ?? ownClips.map(clip).filter((file) => file !== undefined);
  if (clips.length < 2) throw missing('two recordings of people', 'Name them: --clip FILE FILE');
  const checks = new Checks();
  const lab = process.env.LAB ?? '/tmp/mien-lab';
  await new Trial({ checks, lab, archive, suites: suite, clips, frames, minFaces: faces }).run();
  console.log(checks.wrong === 0 ? 'All checks are ok' : `${checks.wrong} checks are WRONG`);
  return checks.wrong === 0 ? 0 : exitCode.failure;
}

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number of 1 or more.');
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.internal;
}

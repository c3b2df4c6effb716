/**
 * `npm run bench`: how fast and how large Mien is on this machine.
 *
 *   npm run bench                     both parts, 15 s a run
 *   npm run bench -- --seconds 60     longer runs
 *   npm run bench -- --json out.json  the figures as JSON too
 */
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { seconds } from '../cli/options.ts';
import { packageRoot, packageVersion } from '../core/paths.ts';
import { yunetFile } from '../detect/choose.ts';
import { benchEndToEnd } from './end-to-end.ts';
import { benchKernels } from './kernels.ts';
import { table } from './table.ts';

const options = new Command('bench')
  .option('--seconds <n>', 'length of each end-to-end run', seconds, 15)
  .option('--json <file>', 'write the figures as JSON')
  .parse()
  .opts<{ seconds: number; json?: string }>();

const modelsDir = join(packageRoot, 'models');
const yunet = join(modelsDir, yunetFile);
const cores = cpus();
const machine = `${cores.length} x ${cores[0]?.model.trim()}, Node ${process.version}, Mien ${packageVersion}`;
process.stdout.write(`${machine}\n`);

const kernels = await benchKernels(modelsDir, existsSync(yunet) ? yunet : undefined);
process.stdout.write(
  table(
    'Kernels, ms (640x480, one thread)',
    kernels.map((row) => ({ ...row })),
  ),
);

const endToEnd = [];
for (const run of [
  { name: 'as fast as possible, no viewer', viewers: 0, pace: 'max' as const },
  { name: 'as fast as possible, one viewer', viewers: 1, pace: 'max' as const },
  { name: 'at the pace of the clip (24 fps), no viewer', viewers: 0, pace: 'source' as const },
  { name: 'at the pace of the clip (24 fps), one viewer', viewers: 1, pace: 'source' as const },
]) {
  endToEnd.push(await benchEndToEnd({ ...run, seconds: options.seconds }));
}
process.stdout.write(
  table(
    'The whole product on the demo clip (640x480, 0 to 2 faces)',
    endToEnd.map((row) => ({ ...row })),
  ),
);

if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, kernels, endToEnd }, null, 2)}\n`);

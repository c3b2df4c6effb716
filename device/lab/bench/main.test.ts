/** The built program as `npm run bench` starts it, on the recorded samples of an earlier soak, which is fast. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot, packageVersion } from '../../core/paths.ts';
import { scratchFolder } from '../fixtures/scratch.ts';
import { writeSample } from './soak/samples.ts';

const run = promisify(execFile);
const program = join(packageRoot, 'device/lab/dist/lab/bench/main.js');
const folder = scratchFolder();

test('a part prints its table and targets, and writes them as JSON with the machine', async () => {
  const samples = join(folder, 'samples.jsonl');
  for (let index = 1; index <= 40; index++) {
    writeSample(samples, { seconds: index, frames: index * 6000, daemonMb: 70, visionMb: 120, restarts: 0 });
  }
  const file = join(folder, 'bench.json');
  const { stdout } = await run(process.execPath, [program, 'soak', '--from', samples, '--json', file]);
  expect(stdout).toMatch(/Node v\d+.*\n\nMemory over 240000 frames/);
  expect(stdout).toMatch(/^most memory +<= 300 MB +190 +yes$/m);
  const { machine, soak, targets } = JSON.parse(readFileSync(file, 'utf8'));
  expect(machine).toMatchObject({ node: process.version, mien: packageVersion });
  expect(soak.total).toEqual({ slope: 0, low: 0, high: 0 });
  expect(targets.every(({ met }: { met: boolean }) => met)).toBe(true);
});

test('a usage error is one line with its exit code', async () => {
  const failed = run(process.execPath, [program, 'quality', '--clips', join(folder, 'none')]);
  await expect(failed).rejects.toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/^mien: Folder .*none cannot be read \(ENOENT\)\. Check the path of --clips\n$/),
  });
});

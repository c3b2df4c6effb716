/**
 * `npm run test:camera`: a release in a virtual machine with a USB camera. Prints `ok` or `WRONG` per check, and exits with 1 if
 * one is wrong. Needs root, qemu-system-x86, mmdebstrap, e2fsprogs and openssh-client.
 *
 *   npm run test:camera -- --release dist/mien-0.1.0-x64.tar.gz            all
 *   npm run test:camera -- --release FILE usb limits                       some of: usb, limits, vivid
 *
 * LAB names the folder of the machine's disk (default /tmp/mien-lab). The first run makes it.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { withScratchFolder } from '../bench/scratch.ts';
import { Checks } from '../checks.ts';
import { findProgram } from '../hub/engine.ts';
import { tryLimits } from './limits.ts';
import { Machine } from './machine.ts';
import { writePictures } from './pictures.ts';
import { pagePort, Service } from './service.ts';
import { UsbTrial } from './usb.ts';
import { tryVivid } from './vivid.ts';

const parts = ['usb', 'limits', 'vivid'];
const needed = {
  'qemu-system-x86_64': 'qemu-system-x86',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  ssh: 'openssh-client',
};

const program = new Command('test:camera')
  .description('Run a release in a virtual machine with a USB camera.')
  .argument('[parts...]', `some of: ${parts.join(', ')}; default: all`)
  .requiredOption('--release <file>', 'archive of a release for x64')
  .action(async (chosen: string[], { release }: { release: string }) => {
    process.exitCode = await withScratchFolder((folder) => main(folder, release, chosen));
  });

async function main(shared: string, release: string, chosen: readonly string[]): Promise<number> {
  checkInput(release, chosen);
  copyFileSync(release, join(shared, 'release.tar.gz'));
  for (const name of ['usb-camera.py', 'greedy.py']) {
    copyFileSync(join(packageRoot, 'device/lab/camera', name), join(shared, name));
  }
  writePictures(shared);
  const checks = new Checks();
  const machine = await Machine.start({ lab: process.env.LAB ?? '/tmp/mien-lab', shared, pagePort });
  const service = new Service(machine);
  const isChosen = (part: string) => chosen.length === 0 || chosen.includes(part);
  try {
    await service.install();
    if (isChosen('usb')) {
      const usb = new UsbTrial(checks, service, shared);
      await usb.run();
      await usb.unplug();
    }
    if (isChosen('limits')) await tryLimits(checks, service);
    if (isChosen('vivid')) await tryVivid(checks, service);
    if (checks.wrong > 0) console.log(await service.log(60));
  } finally {
    await machine.stop();
  }
  console.log(checks.wrong === 0 ? 'All checks are ok' : `${checks.wrong} checks are WRONG`);
  return checks.wrong === 0 ? 0 : exitCode.failure;
}

function checkInput(release: string, chosen: readonly string[]): void {
  const unknown = chosen.find((each) => !parts.includes(each));
  if (unknown !== undefined) {
    throw new MienError(`expected ${parts.join(', ')} or nothing, got ${unknown}`, {
      code: exitCode.usage,
      remedy: 'For example: npm run test:camera -- --release FILE usb',
    });
  }
  if (!existsSync(release)) {
    throw new MienError(`expected the archive of a release, got ${release}, which does not exist`, {
      code: exitCode.noInput,
      remedy: 'Make one with: npm run package',
    });
  }
  if (process.getuid?.() !== 0) {
    throw new MienError('expected root', { code: exitCode.usage, remedy: 'Run it as root: it makes a disk' });
  }
  for (const [name, debian] of Object.entries(needed)) {
    findProgram(name, ['/usr/sbin'], `Install it with: apt-get install ${debian}`);
  }
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.internal;
}

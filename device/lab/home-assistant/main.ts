/**
 * `npm run test:lab`: the built daemon with real Home Assistants (2026.11.0 and 2026.2.3), a real Mosquitto and a real Node-RED.
 * Prints `ok` or `WRONG` per check. Needs the lab beside the checkout (../shared/lab) and root.
 *
 *   npm run test:lab                       all
 *   npm run test:lab -- 2026.2.3           one of: 2026.11.0, 2026.2.3, node-red
 *
 * LAB names the folder of the installed programs (default /tmp/mien-lab; with -old for 2026.2.3). The first run installs them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { Checks } from '../checks.ts';
import type { Installation } from './home-assistant.ts';
import { Life } from './life.ts';
import { checkNodeRed } from './node-red.ts';

const lab = process.env.LAB ?? '/tmp/mien-lab';
const installations: readonly Installation[] = [
  { version: '2026.11.0', suite: 'forky', folder: lab, httpPort: 8123, mqttPort: 18_930 },
  { version: '2026.2.3', suite: 'trixie', folder: `${lab}-old`, httpPort: 8124, mqttPort: 18_931 },
];
const parts = [...installations.map(({ version }) => version), 'node-red'];

async function main(chosen: readonly string[]): Promise<number> {
  const unknown = chosen.find((each) => !parts.includes(each));
  if (unknown !== undefined) {
    throw new MienError(`expected ${parts.join(', ')} or nothing, got ${unknown}`, {
      code: exitCode.usage,
      remedy: 'For example: npm run test:lab -- node-red',
    });
  }
  const script = join(packageRoot, '../shared/lab/home-assistant.sh');
  if (!existsSync(script)) {
    throw new MienError(`expected the lab's scripts in ${join(packageRoot, '../shared/lab')}, found none`, {
      code: exitCode.unavailable,
      remedy: 'Put the shared folder beside the checkout',
    });
  }
  const checks = new Checks();
  const isChosen = (part: string) => chosen.length === 0 || chosen.includes(part);
  for (const installation of installations.filter(({ version }) => isChosen(version))) {
    await new Life(checks, script, installation).run();
  }
  if (isChosen('node-red')) await checkNodeRed(checks, join(lab, 'node-red/node_modules/node-red/red.js'));
  console.log(checks.wrong === 0 ? 'All checks are ok' : `${checks.wrong} checks are WRONG`);
  return checks.wrong === 0 ? 0 : exitCode.failure;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.internal;
}

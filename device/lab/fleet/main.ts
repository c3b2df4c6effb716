/**
 * `npm run test:fleet`: four Debian hosts (two Debian 12, two Debian 13), a mirror and a broker, driven by the playbooks of ansible/.
 * Prints `ok` or `WRONG` per check, and exits with 1 if one is wrong.
 *
 *   npm run test:fleet -- --release dist/mien-0.1.0-x64.tar.gz
 *   npm run test:fleet -- --release ARCHIVE --runs install,again      the first runs only; each needs what the ones before have left
 *
 * Needs root, systemd-container, mmdebstrap, mosquitto, openssl and Ansible (ansible/requirements.txt). ANSIBLE names
 * ansible-playbook where it is not in PATH. LAB names the folder of the base systems (default /tmp/mien-lab).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { childEnvironment } from '../../core/child-environment.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { Checks } from '../checks.ts';
import { Site } from './site.ts';
import { Trial } from './trial.ts';

interface Options {
  readonly release: string;
  readonly runs?: string;
  readonly inside?: boolean;
}

const program = new Command('test:fleet')
  .description('Install, update, roll back and remove Mien on four Debian hosts with Ansible.')
  .requiredOption('--release <archive>', 'archive of a release for this machine')
  .option('--runs <names>', 'these runs only, separated by commas')
  .addOption(new Option('--inside').hideHelp())
  .action(async (options: Options) => {
    process.exitCode = options.inside ? await runTrial(options) : await enterNamespaces();
  });

/** Starts this program again in namespaces of its own: network and mounts of the hosts vanish with it. */
async function enterNamespaces(): Promise<number> {
  if (process.getuid?.() !== 0) throw missing('root', 'Run it as root: it starts hosts');
  for (const [file, name] of [
    ['systemd-nspawn', 'systemd-container'],
    ['mmdebstrap', 'mmdebstrap'],
    ['ssh', 'openssh-client'],
    [ansible(), 'ansible-core, see ansible/requirements.txt'],
  ] as const) {
    if (spawnSync(file, [file === 'ssh' ? '-V' : '--version']).error) throw missing(file, `apt-get install ${name}`);
  }
  const again = [process.execPath, ...process.argv.slice(1), '--inside'];
  const child = spawn('unshare', ['--net', '--mount', '--propagation', 'private', '--', ...again], {
    env: { ...childEnvironment(), LAB: lab() },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? exitCode.failure;
}

async function runTrial({ release, runs }: Options): Promise<number> {
  const archive = resolve(release);
  if (!existsSync(archive)) throw missing(archive, 'Make one: npm run package');
  const checks = new Checks();
  const site = new Site(lab());
  const trial = new Trial(checks, site);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(site));
  try {
    await site.start(archive, ansible());
    for (const name of chosen(Object.keys(trial.runs), runs)) await trial.runs[name]!();
    console.log(`\nOutput of all playbooks: ${site.log}`);
  } finally {
    await site.stop();
  }
  console.log(checks.wrong === 0 ? 'All checks are ok' : `${checks.wrong} checks are WRONG`);
  return checks.wrong === 0 ? 0 : exitCode.failure;
}

async function end(site: Site): Promise<void> {
  try {
    await site.stop();
  } catch (error) {
    console.error(`${site.folder} may be left: ${describeError(error)}`);
  }
  process.exit(exitCode.failure);
}

function chosen(known: readonly string[], names: string | undefined): readonly string[] {
  const wanted = names?.split(',') ?? known;
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length === 0) return known.filter((name) => wanted.includes(name));
  throw new MienError(`expected runs of ${known.join(', ')}, got ${unknown.join(', ')}`, {
    code: exitCode.usage,
    remedy: 'Name them as --runs install,again',
  });
}

function lab(): string {
  return process.env.LAB ?? '/tmp/mien-lab';
}

function ansible(): string {
  return process.env.ANSIBLE ?? 'ansible-playbook';
}

function missing(what: string, remedy: string): MienError {
  return new MienError(`expected ${what}, found none`, { code: exitCode.unavailable, remedy });
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MienError ? error.code : exitCode.internal;
}

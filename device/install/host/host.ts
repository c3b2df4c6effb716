import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { type ProgramOutcome, runProgram } from '../../core/run-program.ts';
import { runUninterrupted } from './uninterrupted.ts';

/** Runs a program of the system. Whatever happens to it is an outcome, not an exception. */
export type RunSystem = (program: string, args: readonly string[], limitMs?: number) => Promise<ProgramOutcome>;

/** Where the parts of an installation lie. All paths are absolute. */
interface HostPaths {
  /** `/opt/mien` */
  readonly home: string;
  readonly releases: string;
  /** Links to `releases/VERSION`. */
  readonly current: string;
  readonly previous: string;
  /** The change in progress, the operator's lock, and the update that waits. */
  readonly record: string;
  readonly hold: string;
  readonly postponed: string;
  readonly downloads: string;
  /** `/etc/mien` */
  readonly etc: string;
  readonly config: string;
  readonly settings: string;
  readonly credentials: string;
  readonly keys: string;
  readonly units: string;
  readonly sysusers: string;
  readonly tmpfiles: string;
  readonly udevRules: string;
  readonly policies: string;
  /** `/usr/local/bin/mien` */
  readonly command: string;
  /** `/var/lib/mien` */
  readonly data: string;
  /** In memory: a power cut removes it. */
  readonly lock: string;
}

/** The machine that Mien is installed on. */
export interface Host {
  readonly at: HostPaths;
  readonly run: RunSystem;
  /** Progress for people, one line. */
  readonly say: (line: string) => void;
  /** Called before the service is stopped for a change: from here on the process must not end halfway. */
  readonly onCritical: () => void;
}

/** @param root replaces `/` in tests */
export function hostAt(root: string, run: RunSystem, say: (line: string) => void): Host {
  const at = (path: string) => join(root, path);
  return {
    run,
    say,
    onCritical: () => {},
    at: {
      home: at('opt/mien'),
      releases: at('opt/mien/releases'),
      current: at('opt/mien/current'),
      previous: at('opt/mien/previous'),
      record: at('opt/mien/update.json'),
      hold: at('opt/mien/hold.json'),
      postponed: at('opt/mien/postponed.json'),
      downloads: at('opt/mien/downloads'),
      etc: at('etc/mien'),
      config: at('etc/mien/mien.yaml'),
      settings: at('etc/mien/update.yaml'),
      credentials: at('etc/mien/credentials'),
      keys: at('etc/mien/release.pub'),
      units: at('etc/systemd/system'),
      sysusers: at('usr/lib/sysusers.d/mien.conf'),
      tmpfiles: at('usr/lib/tmpfiles.d/mien.conf'),
      udevRules: at('etc/udev/rules.d/70-mien-camera.rules'),
      policies: at('etc/chromium/policies/managed/mien-kiosk.json'),
      command: at('usr/local/bin/mien'),
      data: at('var/lib/mien'),
      lock: at('run/mien-install.lock'),
    },
  };
}

/** This machine. @throws MienError if the user is not root */
export function thisHost(): Host {
  if (process.getuid?.() !== 0) {
    throw new MienError('This command changes the system and needs root', {
      code: exitCode.noPermission,
      remedy: 'Run it with sudo',
    });
  }
  // The daemon runs as another user and must be able to read what is installed.
  process.umask(0o022);
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  return { ...hostAt('/', runProgram, say), onCritical: () => runUninterrupted(say) };
}

/** Runs a program that must succeed. @throws MienError with what it said */
export async function runOrFail(host: Host, program: string, args: readonly string[], limitMs?: number): Promise<void> {
  const outcome = await host.run(program, args, limitMs);
  if (outcome.code === 0) return;
  const said = outcome.stderr.trim().split('\n').at(-1) || outcome.signal || `exit code ${outcome.code ?? 'none'}`;
  throw new MienError(`${program} ${args.join(' ')} failed: ${said}`, {
    code: exitCode.unavailable,
    remedy:
      outcome.code === undefined ? `Check that ${program} is installed` : 'Repair this, then run the command again',
  });
}

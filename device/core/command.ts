import { existsSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { isPackaged, packageRoot } from './paths.ts';

interface Call {
  readonly env: NodeJS.ProcessEnv;
  /** Path of the script that Node runs. */
  readonly script: string;
  readonly cwd: string;
  /** Folder of an installed release, which has the program as bin/mien; undefined in a checkout. */
  readonly release?: string;
}

/** The command that started this program, so that a user can copy a remedy: `npx mien`, `mien`, or the path of the script. */
export function commandName({ env, script, cwd, release }: Call = callOfThisProcess()): string {
  const folders = (env.PATH ?? '').split(delimiter);
  // A release has no `node` on the PATH, which the script itself needs.
  if (release !== undefined)
    return folders.some((folder) => existsSync(join(folder, 'mien'))) ? 'mien' : join(release, 'bin/mien');
  if (env.npm_command !== undefined || script === '') return 'npx mien';
  if (basename(script) === 'mien' && folders.includes(dirname(script))) return 'mien';
  const near = relative(cwd, script);
  const path = near.startsWith('..') || isAbsolute(near) ? script : near;
  return path.includes('/') ? path : `./${path}`;
}

/** The text with each command of Mien replaced by the form in which this program was called: `mien devices` becomes `npx mien devices`. */
export function asCalled(text: string, name = commandName()): string {
  return text.replaceAll(commands, `${name} `);
}

const commands =
  /(?<![\w/.-])(?<!npx )mien (?=(?:run|kiosk|demo|analyze|classify|evaluate|devices|doctor|models|access|config|export|backup|restore|mqtt|simulate|licenses|install|update|rollback|uninstall|hold|status|provision)\b)/g;

function callOfThisProcess(): Call {
  const script = process.argv[1];
  return {
    env: process.env,
    script: script === undefined ? '' : resolve(script),
    cwd: process.cwd(),
    ...(isPackaged && { release: packageRoot }),
  };
}

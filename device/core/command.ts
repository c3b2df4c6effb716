import { basename, delimiter, dirname, isAbsolute, relative, resolve } from 'node:path';

interface Call {
  readonly env: NodeJS.ProcessEnv;
  /** Path of the script that Node runs. */
  readonly script: string;
  readonly cwd: string;
}

/** The command that started this program, so that a user can copy a remedy: `npx mien`, `mien`, or the path of the script. */
export function commandName({ env, script, cwd }: Call = callOfThisProcess()): string {
  if (env.npm_command !== undefined || script === '') return 'npx mien';
  const folders = (env.PATH ?? '').split(delimiter);
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
  /(?<![\w/.-])(?<!npx )mien (?=(?:run|kiosk|demo|analyze|classify|evaluate|devices|doctor|models|access|config|export|backup|restore|mqtt|simulate|licenses)\b)/g;

function callOfThisProcess(): Call {
  const script = process.argv[1];
  return { env: process.env, script: script === undefined ? '' : resolve(script), cwd: process.cwd() };
}

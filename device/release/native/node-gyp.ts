import { join } from 'node:path';
import { compilersFor } from '../target.ts';
import { outputOf, runLogged, type Workshop, withoutBuildPaths } from '../workshop.ts';

interface Addon {
  readonly what: string;
  readonly cwd: string;
  /** Folder with the Node that loads it, and its headers. */
  readonly node: string;
  readonly note: (text: string) => void;
}

/** Compiles a native module for the target and removes its debug symbols. */
export async function compileAddon(workshop: Workshop, { what, cwd, node, note }: Addon): Promise<void> {
  const { root, target, jobs } = workshop;
  let compiled = 0;
  await runLogged(workshop, {
    what,
    file: process.execPath,
    args: [
      ...[join(root, 'node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', '--release'],
      ...[`--arch=${target.arch}`, `--nodedir=${node}`, `--jobs=${jobs}`],
    ],
    cwd,
    env: { ...compilersFor(target), CFLAGS: withoutBuildPaths(workshop), CXXFLAGS: withoutBuildPaths(workshop) },
    onLine: (line) => /^\s+(CXX|CC)\(target\)/.test(line) && note(`${++compiled} files`),
  });
}

export async function strip({ target }: Workshop, file: string): Promise<void> {
  await outputOf(`${target.tools}strip`, ['--strip-unneeded', file]);
}

import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findNpm } from '../../setup/modules.mjs';
import type { Target } from '../target.ts';
import { once, runLogged, type Workshop } from '../workshop.ts';

const manifests = ['package.json', 'package-lock.json'];

/** The packages that Mien runs with, for the target. @returns the folder with `node_modules` */
export async function installModules(workshop: Workshop): Promise<string> {
  const { root, target, builds } = workshop;
  const step = {
    title: `npm packages for ${target.arch}`,
    folder: join(builds, 'modules'),
    key: manifests.map((name) => readFileSync(join(root, name))),
  };
  return await once(workshop, step, async (cwd) => {
    for (const name of manifests) copyFileSync(join(root, name), join(cwd, name));
    const [npm, ...first] = findNpm(process.env);
    await runLogged(workshop, {
      what: 'npm packages',
      file: npm,
      args: [
        ...[...first, 'ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'],
        ...['--os=linux', `--cpu=${target.arch}`, '--libc=glibc'],
      ],
      cwd,
      remedy: 'Check that the npm registry can be reached (npm ping), then start again.',
    });
  });
}

/** Copies the modules without what no device needs: 85 of 380 MB remain. */
export function copyModules(from: string, to: string, target: Pick<Target, 'arch'>): void {
  cpSync(from, to, { recursive: true, filter: (path) => !isUnneeded(path.slice(from.length + 1), target) });
}

/** Sources of native modules, what their builds left, and forms of the code that are not loaded. */
const unneededFolders = [
  ...['better-sqlite3/deps', 'better-sqlite3/src', 'better-sqlite3/build'],
  ...['cc', 'esm', 'typings', 'src', 'build'].map((name) => `@u4/opencv4nodejs/${name}`),
  ...['.bin', '.mien', '.package-lock.json', '@types', 'nan/doc'],
];
/** Folders of a package that hold nothing for its users' programs. */
const unneededInPackage = /^(@[^/]+\/)?[^/]+\/(tests?|__tests__|docs?|examples?|\.github)$/;
const unneededFile =
  /\.d\.[cm]?ts$|\.map$|\.tsbuildinfo$|^(readme|changelog|changes|history)(\.md|\.markdown|\.txt)?$/i;

/** @param path in node_modules; packages in a package's own node_modules are treated alike */
export function isUnneeded(path: string, { arch }: Pick<Target, 'arch'>): boolean {
  const inner = path.split('/node_modules/').at(-1)!;
  if (unneededFolders.includes(inner) || unneededInPackage.test(inner)) return true;
  if (unneededFile.test(basename(inner))) return true;
  const platform = /^onnxruntime-node\/bin\/napi-v\d+\/(\w+)(?:\/(\w+))?/.exec(inner);
  if (platform === null) return false;
  const [, system, machine] = platform;
  return system !== 'linux' || (machine !== undefined && machine !== arch);
}

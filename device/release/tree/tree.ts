import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { readManifest } from '../../core/manifest.ts';
import { sha256Of } from '../../install/verify/archive.ts';
import { installFfmpeg } from '../native/ffmpeg.ts';
import { strip } from '../native/node-gyp.ts';
import { outputOf, runLogged, type Workshop } from '../workshop.ts';
import { copyModules } from './modules.ts';

/** What was built or fetched for the tree. */
export interface Parts {
  /** Folder of npm's package of Node. */
  readonly node: string;
  /** Folder with `node_modules`. */
  readonly modules: string;
  /** OpenCV's binding. */
  readonly binding: string;
  /** Folder with FFmpeg's `lib/`. */
  readonly ffmpeg: string;
  /** better-sqlite3. */
  readonly sqlite: string;
}

/** Puts a release together in `folder`, without its description, licences and SBOM. */
export async function layTree(workshop: Workshop, parts: Parts, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  await layProduct(workshop, folder);
  copyModules(join(parts.modules, 'node_modules'), join(folder, 'node_modules'), workshop.target);
  await layNative(workshop, parts, folder);
  await layModels(workshop, join(folder, 'models'));
}

/** The product is compiled into the tree: what lies in device/dist may be older than the sources. */
async function layProduct(workshop: Workshop, folder: string): Promise<void> {
  const { root } = workshop;
  const { execPath: file } = process;
  const fresh = ['--incremental', 'false', '--tsBuildInfoFile', 'null', '--sourceMap', 'false'];
  await runLogged(workshop, {
    what: 'Compiling Mien',
    file,
    args: [
      ...['node_modules/typescript/bin/tsc', '-p', 'device/tsconfig.build.json', ...fresh],
      ...['--outDir', join(folder, 'device/dist')],
    ],
    cwd: root,
    remedy: 'Repair the sources, see the log.',
  });
  chmodSync(join(folder, 'device/dist/cli.js'), 0o755);
  await runLogged(workshop, {
    what: 'Building the pages',
    file,
    args: ['node_modules/vite/bin/vite.js', 'build', 'kiosk', '--outDir', join(folder, 'kiosk/dist'), '--emptyOutDir'],
    cwd: root,
    remedy: 'Repair the sources, see the log.',
  });
  for (const name of ['package.json', 'package-lock.json', 'device/demo', 'systemd']) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  const isContract = (path: string) => !/\.[^/]*$/.test(path) || path.endsWith('.json');
  cpSync(join(root, 'device/contract'), join(folder, 'device/contract'), { recursive: true, filter: isContract });
  removeEmptyFolders(join(folder, 'device/contract'));
  copyFileSync(join(root, 'device/release/bin/mien'), join(folder, 'bin/mien'));
}

async function layNative(workshop: Workshop, parts: Parts, folder: string): Promise<void> {
  const { root, target } = workshop;
  const opencv = join(folder, 'node_modules/@u4/opencv4nodejs/build/Release');
  const stripped = {
    [join(parts.node, 'bin/node')]: join(folder, 'bin/node'),
    [parts.binding]: join(opencv, 'opencv4nodejs.node'),
    [parts.sqlite]: join(folder, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'),
  };
  for (const [from, to] of Object.entries(stripped)) {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    await strip(workshop, to);
  }
  await installFfmpeg(workshop, parts.ffmpeg, join(opencv, 'lib'));
  const launcher = join(root, 'systemd/launch/mien-launch.c');
  if (!existsSync(launcher)) return;
  const to = join(folder, 'bin/mien-launch');
  await outputOf(`${target.tools}gcc`, ['-O2', '-s', '-Wall', '-o', to, 'systemd/launch/mien-launch.c'], root);
}

/** Models of the repository and those that set-up downloads, each compared with its pinned hash. */
async function layModels({ root }: Workshop, to: string): Promise<void> {
  const from = join(root, 'models');
  mkdirSync(to);
  for (const { file, sha256 } of readManifest().models) {
    const found = existsSync(join(from, file)) ? await sha256Of(join(from, file)) : 'no such file';
    if (found === sha256) continue;
    throw new MienError(`models/${file}: expected sha256 ${sha256}, got ${found}`, {
      code: exitCode.noInput,
      remedy: 'Fetch it: npx mien models pull',
    });
  }
  for (const name of readdirSync(from).filter((each) => /\.(json|md|onnx)$/.test(each) && !/^readme/i.test(each))) {
    copyFileSync(join(from, name), join(to, name));
  }
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

/** Writes a JSON file of the tree. */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** All files below a folder, sorted; paths are relative to it. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The first bytes of a file say whether it is a program or library. */
export function isElf(file: string): boolean {
  return readFileSync(file).subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'));
}

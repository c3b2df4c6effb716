import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { readManifest } from '../core/manifest.ts';
import { packageVersion } from '../core/paths.ts';
import type { Release } from '../install/verify/release.ts';
import { packFolder } from './archive.ts';
import { buildBinding } from './native/binding.ts';
import { buildFfmpeg } from './native/ffmpeg.ts';
import { buildOpencv } from './native/opencv.ts';
import { buildSqlite } from './native/sqlite.ts';
import { ffmpegSource, nodeSource, opencvSource, unpack } from './sources.ts';
import { inspectTree } from './tree/inspect.ts';
import { layLicences } from './tree/licences.ts';
import { installModules } from './tree/modules.ts';
import { completeSbom, sbomOfModules } from './tree/sbom.ts';
import { layTree, writeJson } from './tree/tree.ts';
import { outputOf, type Workshop } from './workshop.ts';

export interface Order {
  readonly out: string;
  /** Oldest version that may be installed once this release is. */
  readonly floor: string;
  /** The release is offered for so many days after its commit. */
  readonly days: number;
  /** Public key that the installed release trusts for the next one. */
  readonly publicKey?: string;
}

/** Largest archive, so that a device on a mobile connection can update. */
const maxBytes = 90e6;

/** Builds the archive for one platform. @returns its path */
export async function buildArchive(workshop: Workshop, order: Order): Promise<string> {
  const { target, builds, progress, root } = workshop;
  const name = `mien-${packageVersion}`;
  const folder = join(builds, 'tree', name);
  const unpacked = {
    node: await unpack(workshop, nodeSource(workshop)),
    ffmpeg: await unpack(workshop, ffmpegSource),
    opencv: await unpack(workshop, opencvSource),
  };
  const modules = await installModules(workshop);
  const ffmpeg = await buildFfmpeg(workshop);
  const opencv = await buildOpencv(workshop, ffmpeg);
  const parts = {
    node: unpacked.node,
    ffmpeg,
    modules,
    binding: await buildBinding(workshop, opencv, ffmpeg, unpacked.node),
    sqlite: await buildSqlite(workshop, unpacked.node),
  };
  const said = progress.step(`Archive for ${target.arch}`);
  await layTree(workshop, parts, folder);
  layLicences(workshop, unpacked, folder);
  const { seconds, commit } = await lastCommit(root);
  const released = new Date(seconds * 1000).toISOString();
  const described = { target, models: readManifest().models, released };
  writeJson(join(folder, 'sbom.cdx.json'), completeSbom(await sbomOfModules(modules), described));
  if (order.publicKey !== undefined) writeFileSync(join(folder, 'release.pub'), order.publicKey);
  const release: Release = {
    name: 'mien',
    version: packageVersion,
    arch: target.arch,
    versionFloor: order.floor,
    commit,
    released,
    expires: new Date((seconds + order.days * 86_400) * 1000).toISOString(),
    node: target.node.version,
    ...(await inspectTree(folder, workshop)),
  };
  writeJson(join(folder, 'release.json'), release);
  mkdirSync(order.out, { recursive: true });
  const file = join(order.out, `${name}-${target.arch}.tar.gz`);
  await packFolder(folder, file, seconds);
  refuseLarge(file);
  said.done();
  return file;
}

function refuseLarge(file: string): void {
  const { size } = statSync(file);
  if (size <= maxBytes) return;
  throw new MienError(`${file}: expected at most ${maxBytes / 1e6} MB, got ${Math.ceil(size / 1e6)} MB`, {
    code: exitCode.internal,
    remedy:
      'See what came in (du -a on its folder in .mien/package), and leave it out in device/release/tree/modules.ts',
  });
}

/** Commit of the sources and its time; `+changes` after a commit says that the sources are not those of the commit. */
async function lastCommit(root: string): Promise<{ commit: string; seconds: number }> {
  const [commit = '', seconds] = (await outputOf('git', ['log', '-1', '--format=%H %ct'], root)).trim().split(' ');
  const changes = await outputOf('git', ['status', '--porcelain'], root);
  return { commit: changes === '' ? commit : `${commit}+changes`, seconds: Number(seconds) };
}

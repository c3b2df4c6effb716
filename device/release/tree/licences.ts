import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedPackages, licenceTextOf, pagePackages } from '../../cli/licenses/packages.ts';
import { models } from '../../cli/licenses.ts';
import { exitCode, MienError } from '../../core/errors.ts';
import { ffmpegSource, opencvSource } from '../sources.ts';
import type { Workshop } from '../workshop.ts';
import { isElf } from './tree.ts';

/** Folders of the unpacked sources. */
export interface Unpacked {
  readonly node: string;
  readonly opencv: string;
  readonly ffmpeg: string;
}

/** Files with licences, as they are called in the archive. */
const texts: readonly { readonly of: keyof Unpacked; readonly from: string; readonly to: string }[] = [
  { of: 'node', from: 'LICENSE', to: 'node.txt' },
  { of: 'opencv', from: 'opencv/LICENSE', to: 'opencv.txt' },
  { of: 'opencv', from: 'opencv/COPYRIGHT', to: 'opencv-copyright.txt' },
  { of: 'opencv', from: 'opencv/3rdparty/libjpeg-turbo/LICENSE.md', to: 'libjpeg-turbo.txt' },
  { of: 'opencv', from: 'opencv/3rdparty/libjpeg-turbo/README.ijg', to: 'libjpeg-turbo-ijg.txt' },
  { of: 'opencv', from: 'opencv/3rdparty/libpng/LICENSE', to: 'libpng.txt' },
  { of: 'opencv', from: 'opencv/3rdparty/libwebp/COPYING', to: 'libwebp.txt' },
  { of: 'opencv', from: 'opencv/3rdparty/zlib/LICENSE', to: 'zlib.txt' },
  { of: 'ffmpeg', from: 'COPYING.LGPLv2.1', to: 'ffmpeg-lgpl-2.1.txt' },
  { of: 'ffmpeg', from: 'LICENSE.md', to: 'ffmpeg.txt' },
];

/** Writes `licences/` and `THIRD-PARTY`: what is in the archive, under which terms, and how to get FFmpeg's source. */
export function layLicences({ root, target }: Workshop, unpacked: Unpacked, folder: string): void {
  const to = join(folder, 'licences');
  mkdirSync(to);
  for (const { of, from, to: name } of texts) {
    try {
      copyFileSync(join(unpacked[of], from), join(to, name));
    } catch (cause) {
      throw new MienError(`expected the licence ${from} in the sources of ${of}, got no such file`, {
        code: exitCode.noInput,
        remedy: 'Another version keeps its licences elsewhere: look for them and name that file',
        cause,
      });
    }
  }
  const packages = installedPackages(folder).map((each) => describe(each, licenceTextOf(each, folder)));
  // Bundled into the pages, so they are no packages of the archive.
  const pages = installedPackages(root).filter(({ name }) => pagePackages.includes(name));
  writeFileSync(
    join(folder, 'THIRD-PARTY'),
    [
      'What is in this archive besides Mien, and under which terms.',
      '',
      native(target.node.version, folder),
      'Models (models/):',
      ...models().map(({ name, licence, data }) => `  ${name}: ${licence}; trained on ${data.join(', ')}`),
      '',
      'Packages of npm (node_modules/), and those in the pages (kiosk/dist/):',
      '',
      ...packages,
      ...pages.map((each) => describe(each, licenceTextOf(each, root))),
    ].join('\n'),
  );
}

function native(node: string, folder: string): string {
  const binding = 'node_modules/@u4/opencv4nodejs/build/Release';
  const libraries = readdirSync(join(folder, binding, 'lib')).filter((name) =>
    isElf(join(folder, binding, 'lib', name)),
  );
  return `Node.js ${node} (bin/node): MIT and others, licences/node.txt

OpenCV ${opencvSource.version} (in ${binding}/opencv4nodejs.node): Apache-2.0,
  licences/opencv.txt; with libjpeg-turbo, libpng, libwebp and zlib, licences/lib*.txt and licences/zlib.txt
  This software is based in part on the work of the Independent JPEG Group.

FFmpeg ${ffmpegSource.version} (${binding}/lib/):
  LGPL-2.1-or-later, licences/ffmpeg-lgpl-2.1.txt, licences/ffmpeg.txt
  Files: ${libraries.sort().join(', ')}
  They are built without changes from ${ffmpegSource.file} (${ffmpegSource.integrity}),
  which Debian distributes with its package "ffmpeg", by device/release/native/ffmpeg.ts of Mien, without GPL parts.
  They are shared libraries: you may replace them by your own build of the same version.
  Offer: for three years after you received this archive, whoever gave it to you gives you this source and the build
  recipe on request, at no more than the cost of doing so.
`;
}

function describe(
  { name, version, licence }: { name: string; version: string; licence?: string },
  text?: string,
): string {
  const body = text ?? 'This package ships no text.';
  return `== ${name} ${version}: ${licence ?? 'unknown'}\n\n${body}\n`;
}

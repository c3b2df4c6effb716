import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { once, type Workshop } from '../workshop.ts';
import { ffmpegLibraries, ffmpegSuffix } from './ffmpeg.ts';
import { compileAddon } from './node-gyp.ts';
import { type OpencvBuild, opencvModules } from './opencv.ts';

interface Gyp {
  readonly variables: Record<string, string>;
  readonly targets: readonly {
    include_dirs: string[];
    libraries: string[];
    sources: string[];
    cflags: string[];
  }[];
}

/**
 * Compiles OpenCV's binding with OpenCV inside, from the same recipe as set-up. FFmpeg stays in libraries of its own
 * (LGPL: whoever has the artifact may replace them), in `lib/` beside the binding.
 *
 * @returns the file
 */
export async function buildBinding(
  workshop: Workshop,
  opencv: OpencvBuild,
  ffmpeg: string,
  node: string,
): Promise<string> {
  const { root, target, builds } = workshop;
  const recipe = join(root, 'device/setup/opencv');
  const gyp = bundled(readFileSync(join(recipe, 'binding.gyp'), 'utf8'), opencv, ffmpeg);
  const header = readFileSync(join(recipe, 'opencv2/opencv_modules.hpp'), 'utf8').replace(
    '#define HAVE_OPENCV_DNN\n',
    '',
  );
  const step = {
    title: `OpenCV's binding for ${target.arch}`,
    folder: join(builds, 'binding'),
    key: [JSON.stringify(gyp), header, readFileSync(join(opencv.folder, '../.stamp')), node],
  };
  const folder = await once(workshop, step, async (cwd, note) => {
    for (const name of ['@u4/opencv4nodejs/cc', 'nan']) {
      cpSync(join(root, 'node_modules', name), join(cwd, 'node_modules', name), { recursive: true });
    }
    mkdirSync(join(cwd, 'opencv2'));
    writeFileSync(join(cwd, 'opencv2/opencv_modules.hpp'), header);
    writeFileSync(join(cwd, 'binding.gyp'), JSON.stringify(gyp, null, 2));
    await compileAddon(workshop, { what: "OpenCV's binding", cwd, node, note });
  });
  return join(folder, 'build/Release/opencv4nodejs.node');
}

/** The recipe of set-up, for static OpenCV. It has no `dnn`, of which Mien uses one detector that has a substitute. */
function bundled(recipe: string, opencv: OpencvBuild, ffmpeg: string): Gyp {
  const gyp = load(recipe) as Gyp;
  const archives = (folder: string) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.a'))
      .sort();
  const thirdParty = join(opencv.folder, 'lib/opencv4/3rdparty');
  for (const target of gyp.targets) {
    target.include_dirs = [
      ...target.include_dirs.flatMap((path) =>
        path === '/usr/include/opencv4' ? [join(opencv.folder, 'include/opencv4'), opencv.highgui] : [path],
      ),
    ].map((path) => path.replace('../../../node_modules', 'node_modules'));
    target.sources = target.sources.filter((path) => !path.includes('/cc/dnn/'));
    target.libraries = [
      '-Wl,--start-group',
      ...opencvModules.map((name) => join(opencv.folder, `lib/libopencv_${name}.a`)).filter((file) => existsSync(file)),
      ...archives(thirdParty).map((file) => join(thirdParty, file)),
      '-Wl,--end-group',
      `-L${join(ffmpeg, 'lib')}`,
      ...ffmpegLibraries.map((name) => `-l${name}${ffmpegSuffix}`),
      // The symbols of OpenCV stay inside, unused ones go.
      ...['-Wl,--exclude-libs,ALL', '-Wl,--gc-sections', '-static-libgcc', '-ldl', '-lpthread'],
      // The binding loads all four libraries itself, so they find each other without a path of their own.
      ...['-Wl,--no-as-needed', "-Wl,-rpath,'$$ORIGIN/lib'"],
    ];
  }
  gyp.variables.package = 'node_modules/@u4/opencv4nodejs';
  return gyp;
}

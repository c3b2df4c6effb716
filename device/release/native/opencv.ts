import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { opencvSource, unpack } from '../sources.ts';
import { compilerOf, once, runLogged, type Workshop, withoutBuildPaths } from '../workshop.ts';

/** Modules that are asked for; objdetect brings calib3d, features2d and flann. In the order of linking. */
export const opencvModules = [
  ...['objdetect', 'calib3d', 'features2d', 'flann'],
  ...['videoio', 'imgcodecs', 'imgproc', 'core'],
];

/** Everything that would be found on the build machine by chance, or that Mien does not use. */
const without = [
  ...['IPP', 'ITT', 'OPENCL', 'OPENEXR', 'TIFF', 'JASPER', 'OPENJPEG', 'AVIF', 'GTK', 'QT', 'GSTREAMER', '1394'],
  ...['OBSENSOR', 'PROTOBUF', 'QUIRC', 'EIGEN', 'LAPACK', 'VA', 'VULKAN', 'FLATBUFFERS', 'ADE', 'TBB', 'OPENMP'],
].map((name) => `-DWITH_${name}=OFF`);

const contents = [
  '-DBUILD_LIST=core,imgproc,imgcodecs,videoio,objdetect',
  ...['JPEG', 'PNG', 'ZLIB', 'WEBP'].map((name) => `-DBUILD_${name}=ON`),
  ...['TESTS', 'PERF_TESTS', 'EXAMPLES', 'opencv_apps', 'JAVA', 'opencv_python3', 'SHARED_LIBS'].map(
    (name) => `-DBUILD_${name}=OFF`,
  ),
  // OpenCV writes down where, when and on which kernel it was built.
  ...['TIMESTAMP', 'SYSTEM_VERSION', 'EXTRA_MODULES'].map((name) => `-DBUILD_INFO_SKIP_${name}=ON`),
  ...['-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_POSITION_INDEPENDENT_CODE=ON'],
];

/** Generated files that contain paths of the build machine, relative to the folder of the build. */
const filesWithPaths = ['modules/core/version_string.inc', 'opencv_data_config.hpp'];

export interface OpencvBuild {
  /** `include/` and `lib/` */
  readonly folder: string;
  /** Headers of highgui, which the binding includes although it is not built. */
  readonly highgui: string;
}

/** Builds OpenCV as static libraries, with this FFmpeg. */
export async function buildOpencv(workshop: Workshop, ffmpeg: string): Promise<OpencvBuild> {
  const unpacked = await unpack(workshop, opencvSource);
  const source = join(unpacked, 'opencv');
  const { target, builds, jobs } = workshop;
  const flags = withoutBuildPaths(workshop);
  const args = [...target.opencv, ...without, ...contents, `-DCMAKE_C_FLAGS=${flags}`, `-DCMAKE_CXX_FLAGS=${flags}`];
  const step = {
    title: `OpenCV for ${target.arch}`,
    folder: join(builds, 'opencv'),
    key: [opencvSource.integrity, readFileSync(join(ffmpeg, '../../.stamp')), ...args, await compilerOf(target)],
  };
  const folder = await once(workshop, step, async (cwd, note) => {
    const build = { what: 'OpenCV', cwd };
    const found: string[] = [];
    await runLogged(workshop, {
      ...build,
      file: 'cmake',
      args: [
        ...['-G', 'Ninja', source, `-DCMAKE_INSTALL_PREFIX=${join(cwd, 'out')}`],
        // A cross build looks for FFmpeg below this folder only.
        `-DCMAKE_FIND_ROOT_PATH=${ffmpeg}`,
        ...args,
      ],
      env: { PKG_CONFIG_LIBDIR: join(ffmpeg, 'lib/pkgconfig'), PKG_CONFIG_PATH: '' },
      onLine: (line) => found.push(line),
    });
    expectVideo(found);
    for (const file of filesWithPaths) hidePaths(workshop, join(cwd, file));
    const onLine = (line: string) => {
      const done = /^\[(\d+\/\d+)\]/.exec(line)?.[1];
      if (done) note(done);
    };
    await runLogged(workshop, { ...build, file: 'ninja', args: ['-j', String(jobs)], onLine });
    await runLogged(workshop, { ...build, file: 'ninja', args: ['install'] });
  });
  return { folder: join(folder, 'out'), highgui: join(source, 'modules/highgui/include') };
}

/** Without FFmpeg or V4L2, CMake goes on and says so in one line only. */
export function expectVideo(lines: readonly string[]): void {
  for (const part of [/^-- +FFMPEG: +YES/, /^-- +v4l\/v4l2: +YES/]) {
    if (lines.some((line) => part.test(line))) continue;
    throw new MienError(`expected OpenCV's configuration to have a line ${part.source}, got none`, {
      code: exitCode.unavailable,
      remedy:
        'Read its log in .mien/log: OpenCV did not find FFmpeg or the headers of V4L2, and would be built without',
    });
  }
}

function hidePaths({ root }: Workshop, file: string): void {
  if (!existsSync(file)) {
    throw new MienError(`expected OpenCV to write ${file}, got no such file`, {
      code: exitCode.internal,
      remedy: 'Another version of OpenCV writes its paths elsewhere: look for them and name that file here',
    });
  }
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(root, '/mien'));
}

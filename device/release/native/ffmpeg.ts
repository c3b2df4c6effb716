import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ffmpegSource, unpack } from '../sources.ts';
import { compilerOf, once, runLogged, type Workshop, withoutBuildPaths } from '../workshop.ts';
import { strip } from './node-gyp.ts';

/** The libraries that OpenCV uses. */
export const ffmpegLibraries = ['avformat', 'avcodec', 'swscale', 'avutil'];

/** The files have their own names, so that they never meet another FFmpeg of the system. */
export const ffmpegSuffix = '-mien';

/** Formats of cameras and recordings, and those that OpenCV writes. LGPL, because nothing here is GPL. */
const contents = [
  ...['--disable-everything', '--disable-autodetect', '--disable-programs', '--disable-doc', '--disable-debug'],
  ...['--disable-avdevice', '--disable-postproc', '--disable-avfilter', '--disable-swresample'],
  '--enable-decoder=h264,hevc,mjpeg,mpeg4,mpeg2video,vp8,vp9,rawvideo,png',
  '--enable-encoder=mjpeg,mpeg4',
  '--enable-demuxer=mov,matroska,avi,mpegts,flv,rtsp,sdp,rtp,mpjpeg,mjpeg,h264,hevc,hls,image2',
  '--enable-muxer=avi,mp4,matroska',
  '--enable-parser=h264,hevc,mjpeg,mpeg4video,vp8,vp9,mpegvideo',
  '--enable-protocol=file,http,tcp,udp,rtp',
  '--enable-bsf=h264_mp4toannexb,hevc_mp4toannexb,extract_extradata',
];

/** The libraries contain their configuration, so it has no path of the build machine. */
const prefix = '/mien';

/** Builds FFmpeg's shared libraries. @returns the folder with `include/` and `lib/` */
export async function buildFfmpeg(workshop: Workshop): Promise<string> {
  const source = await unpack(workshop, ffmpegSource);
  const { target, builds, jobs } = workshop;
  const args = [
    ...target.ffmpeg,
    ...[`--prefix=${prefix}`, '--enable-pic', '--enable-shared', '--disable-static', `--build-suffix=${ffmpegSuffix}`],
    ...contents,
  ];
  // Given to make, because the libraries contain the arguments of configure.
  const compiler = `CC=${target.tools}gcc ${withoutBuildPaths(workshop)}`;
  const step = {
    title: `FFmpeg for ${target.arch}`,
    folder: join(builds, 'ffmpeg'),
    key: [ffmpegSource.integrity, ...args, compiler, await compilerOf(target)],
  };
  const folder = await once(workshop, step, async (cwd, note) => {
    const build = { what: 'FFmpeg', cwd };
    await runLogged(workshop, { ...build, file: join(relative(cwd, source), 'configure'), args });
    let compiled = 0;
    await runLogged(workshop, {
      ...build,
      file: 'make',
      args: ['-j', String(jobs), compiler],
      onLine: (line) => /^(CC|X86ASM|AS)\t/.test(line) && note(`${++compiled} files`),
    });
    await runLogged(workshop, { ...build, file: 'make', args: ['install', compiler, `DESTDIR=${join(cwd, 'out')}`] });
    adaptPkgConfig(join(cwd, 'out', prefix));
  });
  return join(folder, 'out', prefix);
}

/** OpenCV asks pkg-config for the plain names, and without them it is built without FFmpeg, silently. */
function adaptPkgConfig(folder: string): void {
  const from = join(folder, 'lib/pkgconfig');
  for (const file of readdirSync(from)) {
    const text = readFileSync(join(from, file), 'utf8').replaceAll(`=${prefix}`, `=${folder}`);
    writeFileSync(join(from, file), text);
    writeFileSync(join(from, file.replace(ffmpegSuffix, '')), text);
  }
}

/** Copies the libraries under the names that the binding asks for, without debug symbols. */
export async function installFfmpeg(workshop: Workshop, folder: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  for (const name of ffmpegLibraries) {
    const soname = new RegExp(`^lib${name}${ffmpegSuffix}\\.so\\.\\d+$`);
    for (const file of readdirSync(join(folder, 'lib')).filter((each) => soname.test(each))) {
      copyFileSync(join(folder, 'lib', file), join(to, file));
      await strip(workshop, join(to, file));
    }
  }
}

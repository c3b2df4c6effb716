/** Programs and libraries of the system that Mien uses. Mien does not ship them; their licences come with their packages. */
export interface SystemPart {
  readonly name: string;
  readonly licence: string;
  readonly use: string;
  /** Where the text lies on Debian. */
  readonly text: string;
}

export const systemParts: readonly SystemPart[] = [
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
  {
    name: 'Haar cascade of OpenCV',
    licence: 'BSD-like licence of Intel, in the file',
    use: 'the last fallback of the face detectors',
    text: '/usr/share/doc/opencv-data/copyright',
  },
  {
    name: 'FFmpeg',
    licence: 'GPL-2.0-or-later as Debian builds it (LGPL-2.1-or-later without its GPL parts)',
    use: "recordings and network cameras, through OpenCV's shared libraries",
    text: '/usr/share/doc/libavcodec-dev/copyright',
  },
];

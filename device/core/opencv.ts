/**
 * OpenCV through @u4/opencv4nodejs, for the vision process and the offline commands only: its calls block, and a fault in
 * native code ends the process, so the daemon never imports this.
 *
 * Use the synchronous calls and release every Mat: the asynchronous ones leak (the package's issue 173), save `imdecodeAsync`
 * (vision/leaks.test.ts).
 */
import { createRequire } from 'node:module';
import type * as OpenCv from '@u4/opencv4nodejs';

// OpenCV and FFmpeg write to stderr by themselves. Mien reports the relevant faults, each once and in one line.
process.env.OPENCV_LOG_LEVEL ??= 'OFF';
process.env.OPENCV_FFMPEG_LOGLEVEL ??= '-8';
process.env.OPENCV4NODEJS_DISABLE_AUTOBUILD = '1';
// Mien does not use OpenCL, whose drivers keep compiled kernels in the home folder.
process.env.OPENCV_OPENCL_RUNTIME ??= 'disabled';

const require = createRequire(import.meta.url);
const packageRequire = createRequire(require.resolve('@u4/opencv4nodejs'));
// The package prints its build configuration to stdout at load, which would spoil `--json`.
(packageRequire('@u4/opencv-build') as { Log: { silence: boolean } }).Log.silence = true;

export const cv = require('@u4/opencv4nodejs') as typeof OpenCv;
export type { Mat, VideoCapture } from '@u4/opencv4nodejs';

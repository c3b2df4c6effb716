import { join } from 'node:path';
import { type PatientOutcome, type ProgramLimits, runPatiently } from './run-program.ts';

/** A native addon. The script loads it, uses it once and prints its version. */
export interface Addon {
  readonly part: 'opencv' | 'onnxruntime' | 'sqlite';
  readonly name: string;
  readonly script: string;
}

export const addons: readonly Addon[] = [
  {
    part: 'opencv',
    name: 'OpenCV',
    script: `
      process.env.OPENCV4NODEJS_DISABLE_AUTOBUILD = '1';
      const { createRequire } = require('node:module');
      createRequire(load.resolve('@u4/opencv4nodejs'))('@u4/opencv-build').Log.silence = true;
      const cv = load('@u4/opencv4nodejs');
      const mat = new cv.Mat(2, 2, cv.CV_8UC1, 7);
      if (mat.at(1, 1) !== 7) throw new Error('a picture of 2x2 pixels does not hold its values');
      const yes = (name) => new RegExp('^ *' + name + ': *YES', 'mi').test(cv.getBuildInformation());
      const video = [['v4l/v4l2', 'V4L2'], ['FFMPEG', 'FFmpeg'], ['GStreamer', 'GStreamer']];
      const there = video.filter(([name]) => yes(name)).map(([, shown]) => shown);
      const { major, minor, revision } = cv.version;
      console.log([major, minor, revision].join('.') + ', video through ' + (there.join(', ') || 'nothing'));`,
  },
  {
    part: 'onnxruntime',
    name: 'ONNX Runtime',
    script: `
      process.env.ORT_DISABLE_TELEMETRY = '1';
      const { Tensor } = load('onnxruntime-node');
      if (new Tensor('uint8', [1]).size !== 1) throw new Error('a tensor of one value has another size');
      console.log(load('onnxruntime-node/package.json').version);`,
  },
  {
    part: 'sqlite',
    name: 'SQLite',
    script: `
      const database = new (load('better-sqlite3'))(':memory:');
      console.log(database.prepare('select sqlite_version() as version').get().version);`,
  },
];

export interface LoadOptions {
  /** Folder of package.json and node_modules. */
  readonly root: string;
  readonly node?: string;
  readonly limits?: ProgramLimits;
}

/** A slow card or an emulated processor needs minutes to load an addon. */
export const loadLimits: ProgramLimits = { idleMs: 30_000, totalMs: 600_000 };

/**
 * Loads a native addon in a process of its own: a missing library or an unsupported instruction (SIGILL) ends that process, not
 * this one.
 */
export function loadAddon(
  { script }: Addon,
  { root, node = process.execPath, limits = loadLimits }: LoadOptions,
): Promise<PatientOutcome> {
  const load = `const load = require('node:module').createRequire(${JSON.stringify(join(root, 'package.json'))});`;
  return runPatiently(node, ['-e', load + script], limits);
}

/** Why an addon did not load, in one line. */
export function loadFault({ code, signal, stderr }: PatientOutcome): string {
  return signal ? `killed by ${signal}` : (/^\w*Error: .*/m.exec(stderr)?.[0] ?? `exit code ${code}`);
}

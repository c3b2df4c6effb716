import { join } from 'node:path';
import { isPackaged, packageRoot } from '../../core/paths.ts';
import { setUpAgain } from '../../core/repair.ts';
import { type ProgramLimits, runPatiently } from '../../core/run-program.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A slow card or an emulated processor needs minutes to load an addon. */
const loadLimits: ProgramLimits = { idleMs: 30_000, totalMs: 600_000 };
/** Time from which loading an addon counts as slow, in ms. */
const slowMs = 30_000;
const slowRemedy =
  'Mien starts, but late. Check the power supply, the free memory and the card of this board, and what else runs on it';

/** Checks the version of Node. */
export function checkNode(version = process.versions.node, packaged = isPackaged): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > 20 || (major === 20 && minor >= 19);
  const detail = `${version} on ${process.arch}`;
  return isNewEnough
    ? ok('node', detail)
    : fail('node', `${detail}; 20.19 or newer is needed`, packaged ? setUpAgain(true) : 'Install a newer Node');
}

/** A native addon, and a script that loads it, uses it once and prints its version. */
interface Addon {
  readonly part: string;
  readonly script: string;
}

const addons: readonly Addon[] = [
  {
    part: 'opencv',
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
    script: `
      process.env.ORT_DISABLE_TELEMETRY = '1';
      const { Tensor } = load('onnxruntime-node');
      if (new Tensor('uint8', [1]).size !== 1) throw new Error('a tensor of one value has another size');
      console.log(load('onnxruntime-node/package.json').version);`,
  },
  {
    part: 'sqlite',
    script: `
      const database = new (load('better-sqlite3'))(':memory:');
      console.log(database.prepare('select sqlite_version() as version').get().version);`,
  },
];

interface AddonOptions {
  readonly root?: string;
  readonly limits?: ProgramLimits;
  readonly slowAfterMs?: number;
  readonly packaged?: boolean;
}

/**
 * Loads each native addon in a separate process: a missing library or an unsupported instruction ends that process, not this
 * one.
 */
export async function checkAddons(options: AddonOptions = {}): Promise<readonly Finding[]> {
  return Promise.all(addons.map((addon) => checkAddon(addon, options)));
}

async function checkAddon({ part, script }: Addon, options: AddonOptions): Promise<Finding> {
  const { root = packageRoot, limits = loadLimits, slowAfterMs = slowMs, packaged = isPackaged } = options;
  const load = `const load = require('node:module').createRequire(${JSON.stringify(join(root, 'package.json'))});`;
  const outcome = await runPatiently(process.execPath, ['-e', load + script], limits);
  const { code, signal, stdout, stderr, exceeded, tookMs } = outcome;
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const seconds = Math.round(tookMs / 1000);
  if (code === 0 && tookMs > slowAfterMs) return warn(part, `${last}; slow: loaded in ${seconds} s`, slowRemedy);
  if (code === 0) return part === 'opencv' ? judgeOpenCv(last, packaged) : ok(part, last);
  if (exceeded === 'totalMs') return warn(part, `slow: still loading after ${seconds} s`, slowRemedy);
  if (exceeded === 'idleMs')
    return fail(part, `does not load: stuck for ${limits.idleMs / 1000} s`, setUpAgain(packaged));
  if (signal === 'SIGILL') {
    const remedy = packaged
      ? 'Install the release for this processor, or run Mien on a newer board'
      : `Build it on this machine. ${setUpAgain(packaged)}`;
    return fail(part, 'uses an instruction that this processor does not support', remedy);
  }
  const reason = signal ? `killed by ${signal}` : (/^\w*Error: .*/m.exec(stderr)?.[0] ?? `exit code ${code}`);
  return fail(part, `does not load: ${reason}`, setUpAgain(packaged));
}

function judgeOpenCv(detail: string, packaged: boolean): Finding {
  const remedy = packaged ? setUpAgain(true) : 'Use the OpenCV packages of Debian';
  if (!detail.includes('V4L2')) return warn('opencv', `${detail}: no USB cameras`, remedy);
  if (!detail.includes('FFmpeg')) return warn('opencv', `${detail}: no video files`, remedy);
  return ok('opencv', detail);
}

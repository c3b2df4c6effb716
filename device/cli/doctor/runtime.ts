import { type Addon, addons, loadAddon, loadFault, loadLimits } from '../../core/addons.ts';
import { isPackaged, packageRoot } from '../../core/paths.ts';
import { setUpAgain } from '../../core/repair.ts';
import type { ProgramLimits } from '../../core/run-program.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

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

interface AddonOptions {
  readonly root?: string;
  readonly limits?: ProgramLimits;
  readonly slowAfterMs?: number;
  readonly packaged?: boolean;
}

/** Loads each native addon in a process of its own. */
export async function checkAddons(options: AddonOptions = {}): Promise<readonly Finding[]> {
  return Promise.all(addons.map((addon) => checkAddon(addon, options)));
}

async function checkAddon(addon: Addon, options: AddonOptions): Promise<Finding> {
  const { root = packageRoot, limits = loadLimits, slowAfterMs = slowMs, packaged = isPackaged } = options;
  const { part } = addon;
  const outcome = await loadAddon(addon, { root, limits });
  const { code, signal, stdout, exceeded, tookMs } = outcome;
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
  return fail(part, `does not load: ${loadFault(outcome)}`, setUpAgain(packaged));
}

function judgeOpenCv(detail: string, packaged: boolean): Finding {
  const remedy = packaged ? setUpAgain(true) : 'Use the OpenCV packages of Debian';
  if (!detail.includes('V4L2')) return warn('opencv', `${detail}: no USB cameras`, remedy);
  if (!detail.includes('FFmpeg')) return warn('opencv', `${detail}: no video files`, remedy);
  return ok('opencv', detail);
}

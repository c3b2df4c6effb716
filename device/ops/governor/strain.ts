import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../core/run-program.ts';

/** What slows a Raspberry Pi down at this moment, as its firmware calls it. */
type ThrottleCause = 'under-voltage' | 'frequency capped' | 'throttled' | 'temperature limit';

/** What a board says of its own strain; each part is undefined where it does not say. */
export interface Strain {
  /** Of the processor: the hottest of its zones, in degrees Celsius. */
  readonly temperatureC?: number;
  /** Empty where nothing slows it down. */
  readonly throttled?: readonly ThrottleCause[];
}

/** @param root folder that stands for `/`; tests give another */
export async function readStrain(root = '/'): Promise<Strain> {
  const temperatureC = readTemperature(root);
  const throttled = await readThrottled(root);
  return { ...(temperatureC !== undefined && { temperatureC }), ...(throttled && { throttled }) };
}

/**
 * Names of processor zones: `cpu-thermal` (Raspberry Pi), `bcm2835_thermal` (its older kernels), `CPU-therm`, `GPU-therm` and
 * `tj-thermal` (Jetson), `soc-thermal`, `x86_pkg_temp`. Others mislead: a Jetson Nano's `PMIC-Die` always says 100 degrees.
 */
const processorZone = /cpu|gpu|soc|pkg|^tj|^bcm/i;

/** Outside of this a sensor is broken or off. */
const believable = { least: -40, most: 150 };

function readTemperature(root: string): number | undefined {
  const folder = join(root, 'sys/class/thermal');
  const zones = namesIn(folder).filter((name) => name.startsWith('thermal_zone'));
  const degrees = zones
    .filter((zone) => processorZone.test(readText(join(folder, zone, 'type')) ?? ''))
    .flatMap((zone) => parseMillidegrees(readText(join(folder, zone, 'temp'))) ?? []);
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

function parseMillidegrees(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d+$/.test(text)) return undefined;
  const degrees = Number(text) / 1000;
  return degrees >= believable.least && degrees <= believable.most ? degrees : undefined;
}

/** The kernel's file costs nothing; where it is absent (Raspberry Pi 5, newer kernels) the firmware's own program is asked. */
async function readThrottled(root: string): Promise<ThrottleCause[] | undefined> {
  const fromKernel = readText(join(root, 'sys/devices/platform/soc/soc:firmware/get_throttled'));
  if (fromKernel !== undefined) return parseThrottled(fromKernel);
  const program = join(root, 'usr/bin/vcgencmd');
  if (!existsSync(program)) return undefined;
  const { stdout } = await runProgram(program, ['get_throttled'], 2000);
  return parseThrottled(stdout.trim());
}

/**
 * Bits of what is so now (Raspberry Pi documentation, "vcgencmd: get_throttled"). Those from 16 on say what was so at any time
 * since the start, which is no reason to work less now.
 */
const causes: readonly { readonly bit: number; readonly cause: ThrottleCause }[] = [
  { bit: 0, cause: 'under-voltage' },
  { bit: 1, cause: 'frequency capped' },
  { bit: 2, cause: 'throttled' },
  { bit: 3, cause: 'temperature limit' },
];

/** `50005` as the kernel writes it, or `throttled=0x50005` as vcgencmd does; undefined for anything else. */
function parseThrottled(text: string): ThrottleCause[] | undefined {
  const digits = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})$/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const bits = Number.parseInt(digits, 16);
  return causes.filter(({ bit }) => (bits >>> bit) & 1).map(({ cause }) => cause);
}

/** None where the folder is absent: a kernel without thermal zones. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined where the file is absent or says nothing now: sensors of what is switched off answer with an error. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

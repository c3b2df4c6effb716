import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ThrottleCause, throttleCauses } from '../../core/codes.ts';
import { runProgram } from '../../core/run-program.ts';

/** The board's report of its own health. A field is undefined where the board does not report it. */
export interface BoardHealth {
  /** Temperature of the hottest zone of the processor, in degrees Celsius. */
  readonly temperatureC?: number;
  /** Empty where nothing slows the board down. */
  readonly throttled?: readonly ThrottleCause[];
}

/** @param root replaces `/` in tests */
export async function readBoardHealth(root = '/'): Promise<BoardHealth> {
  const temperatureC = readTemperature(root);
  const throttled = await readThrottled(root);
  return { ...(temperatureC !== undefined && { temperatureC }), ...(throttled && { throttled }) };
}

/**
 * Names of processor zones: `cpu-thermal` (Raspberry Pi), `bcm2835_thermal` (its older kernels), `CPU-therm`, `GPU-therm` and
 * `tj-thermal` (Jetson), `soc-thermal`, `x86_pkg_temp`. Other zones mislead: `PMIC-Die` of a Jetson Nano always reports 100 degrees.
 */
const processorZone = /cpu|gpu|soc|pkg|^tj|^bcm/i;

/** Degrees Celsius outside of which a sensor is broken or off. */
const plausible = { min: -40, max: 150 };

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
  return degrees >= plausible.min && degrees <= plausible.max ? degrees : undefined;
}

/** Reads the kernel's file, which is cheap. Where it is absent (Raspberry Pi 5, newer kernels), runs the firmware's program. */
async function readThrottled(root: string): Promise<ThrottleCause[] | undefined> {
  const fromKernel = readText(join(root, 'sys/devices/platform/soc/soc:firmware/get_throttled'));
  if (fromKernel !== undefined) return parseThrottled(fromKernel);
  const program = join(root, 'usr/bin/vcgencmd');
  if (!existsSync(program)) return undefined;
  const { stdout } = await runProgram(program, ['get_throttled'], 2000);
  return parseThrottled(stdout.trim());
}

/**
 * `50005` as the kernel writes it, or `throttled=0x50005` as vcgencmd does; undefined for anything else. The bits from 16 on tell
 * of the time since the start, which is no reason to lower the rate now (Raspberry Pi documentation, "vcgencmd: get_throttled").
 */
function parseThrottled(text: string): ThrottleCause[] | undefined {
  const digits = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})$/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const bits = Number.parseInt(digits, 16);
  return throttleCauses.filter((_, bit) => (bits >>> bit) & 1);
}

/** Empty where the folder is absent: a kernel without thermal zones. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // The kernel has no thermal zones.
  }
}

/** Undefined where the file is absent or cannot be read: a sensor of a part that is switched off answers with an error. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

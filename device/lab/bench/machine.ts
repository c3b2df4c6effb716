import { cpus, loadavg, release, totalmem } from 'node:os';
import { cv } from '../../core/opencv.ts';
import { packageVersion } from '../../core/paths.ts';

/** Machine and time of a measurement. Figures mean nothing without these. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly opencv: string;
  readonly mien: string;
  readonly startedAt: string;
  /** Load of the minute before the run: above 0.5 another program was running. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    // Boards with Arm cores often report no model name.
    processor: first?.model.trim() || process.arch,
    cores: cpus().length,
    memoryGb: Number((totalmem() / 2 ** 30).toFixed(1)),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    opencv: `${cv.version.major}.${cv.version.minor}.${cv.version.revision}`,
    mien: packageVersion,
    startedAt: new Date().toISOString(),
    load: Number(loadavg()[0]!.toFixed(2)),
  };
}

export function machineLine(machine: Machine): string {
  const { cores, processor, memoryGb, system, node, opencv, mien, load } = machine;
  const busy = load > 0.5 ? `; other work was running (load ${load}): compare within this run only` : '';
  return `${cores} x ${processor}, ${memoryGb} GB, ${system}, Node ${node}, OpenCV ${opencv}, Mien ${mien}${busy}`;
}

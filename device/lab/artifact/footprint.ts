import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutCli, Daemon } from '../bench/product/daemon.ts';
import { memoryMb } from '../bench/product/processes.ts';
import type { Checks } from '../checks.ts';

/** Runs of each program, in turns; the best one counts, because this machine may do other work meanwhile. */
const runs = 3;
/** Until the first measurements of runtimes are over. */
const settleMs = 15_000;

interface Footprint {
  /** From the start of the program to the first reading. */
  readonly firstReadingS: number;
  /** Proportional set size of the daemon and its vision process, in MB. */
  readonly memoryMb: number;
}

/** The whole product on the built-in clip: the release must start as fast as the checkout and use as little memory. */
export async function checkFootprint(checks: Checks, releaseCli: string): Promise<void> {
  const [checkout, release]: [Footprint[], Footprint[]] = [[], []];
  for (let index = 0; index < runs; index += 1) {
    checkout.push(await measure(checkoutCli));
    release.push(await measure(releaseCli));
  }
  const compare = (what: string, unit: string, of: (each: Footprint) => number) => {
    const [allowed, found] = [Math.min(...checkout.map(of)), Math.min(...release.map(of))];
    const all = `all: ${release.map((each) => of(each).toFixed(1)).join(', ')} and ${checkout.map((each) => of(each).toFixed(1)).join(', ')}`;
    checks.report(
      found <= allowed,
      `${what}: ${found.toFixed(1)} ${unit}, the checkout ${allowed.toFixed(1)} ${unit} (best of ${runs}; ${all})`,
    );
  };
  compare('first reading after', 's', ({ firstReadingS }) => firstReadingS);
  compare('memory', 'MB', (each) => each.memoryMb);
}

async function measure(cli: string): Promise<Footprint> {
  const settings = { 'camera.source': 'demo', 'mqtt.enabled': false };
  const daemon = await Daemon.start(settings, [], cli);
  try {
    const { afterMs } = await daemon.until(() => true);
    await sleep(settleMs);
    return { firstReadingS: afterMs / 1000, memoryMb: memoryMb(daemon.pids) };
  } finally {
    await daemon.stop();
  }
}

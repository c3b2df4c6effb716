import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import { failureOf, type GateCheck, judge, passes } from './judge.ts';
import type { LocalApi } from './local-api.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';

/** How long a device may take, in ms. */
export interface GateLimits {
  /** From the start, or the end of loading, until all checks pass. */
  readonly wholeMs: number;
  /** While libraries and networks load: a slow board needs minutes. */
  readonly loadingMs: number;
  /** While the daemon updates a large database before it answers. */
  readonly updatingMs: number;
  readonly intervalMs: number;
}

const gateLimits: GateLimits = { wholeMs: 90_000, loadingMs: 600_000, updatingMs: 900_000, intervalMs: 1000 };

/** Ends of the daemon after which waiting is useless. */
const restartsAllowed = 3;

export interface GateOrder {
  readonly host: Host;
  readonly api: LocalApi;
  readonly version: string;
  readonly before: Observation | undefined;
  /** Whether this release changes the format of the database at its first start. */
  readonly updatesDatabase: boolean;
  readonly limits?: GateLimits;
}

export interface Verdict {
  readonly ok: boolean;
  readonly checks: readonly GateCheck[];
  readonly now: Observation;
}

/** Watches the daemon after its start until it does what it must, or its time is over. */
export async function passGate(order: GateOrder): Promise<Verdict> {
  const { host, api, version, before, limits = gateLimits } = order;
  const watch = new FrameWatch();
  const clock = new GateClock(limits, order.updatesDatabase);
  let said = '';
  let answered: readonly GateCheck[] | undefined;
  for (;;) {
    const now = await observe(host, api);
    const found = judge({ version, before, now, seen: watch.see(now, performance.now()) });
    if (passes(found)) return { ok: true, checks: found, now };
    if (now.answer === 'all') answered = found;
    // Between two starts of the daemon, its last answer says more than that there is none.
    const checks = now.restarts > 0 ? (answered ?? found) : found;
    if (clock.isOver(now) || now.restarts >= restartsAllowed) return { ok: false, checks, now };
    const failure = failureOf(checks);
    if (failure !== said) host.say(`Waiting for ${failure}`);
    said = failure;
    await sleep(limits.intervalMs);
  }
}

/** Tells when a device has had its time. The time for the checks begins when it no longer loads. */
class GateClock {
  readonly #limits: GateLimits;
  readonly #updatesDatabase: boolean;
  readonly #startedAt = performance.now();
  #loadedAt = this.#startedAt;

  constructor(limits: GateLimits, updatesDatabase: boolean) {
    this.#limits = limits;
    this.#updatesDatabase = updatesDatabase;
  }

  isOver(observed: Observation): boolean {
    const now = performance.now();
    const patienceMs = this.#patienceFor(observed);
    if (patienceMs === undefined) return now - this.#loadedAt > this.#limits.wholeMs;
    this.#loadedAt = now;
    return now - this.#startedAt > patienceMs;
  }

  #patienceFor({ active, answer, camera, visionRestarts = 0 }: Observation): number | undefined {
    if (active && answer === 'none' && this.#updatesDatabase) return this.#limits.updatingMs;
    // The daemon starts a process again that computes nothing while it loads: that is no slow board.
    return camera === 'loading' && visionRestarts === 0 ? this.#limits.loadingMs : undefined;
  }
}

/** Counts frames since the start of the daemon. The number of a frame begins again when the camera is opened again. */
class FrameWatch {
  #bootId: string | undefined;
  #frame = 0;
  #frames = 0;
  #since = 0;
  #until = 0;

  see({ bootId, frame }: Observation, now: number): { readonly frames: number; readonly overMs: number } {
    if (bootId !== this.#bootId) {
      this.#bootId = bootId;
      [this.#frame, this.#frames, this.#since, this.#until] = [0, 0, now, now];
    }
    if (frame !== undefined && frame !== this.#frame) {
      if (this.#frames === 0) this.#since = now;
      this.#frames += frame > this.#frame ? frame - this.#frame : frame;
      this.#frame = frame;
      this.#until = now;
    }
    return { frames: this.#frames, overMs: this.#until - this.#since };
  }
}

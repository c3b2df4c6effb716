import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mien, runOnClip } from '../fixtures/mien.ts';
import { FaultDatabase } from './database.ts';
import type { Recorder } from './recorder.ts';
import type { Identity } from './verdict.ts';

/** Interval of the snapshots of stays in progress. */
export const sampleMs = 1000;
export const minDwellMs = 200;
export const gapMs = 600;
const arrivalMs = 60_000;
const firstFaceMs = 20_000;

export interface FaultDeviceDeps {
  readonly name: string;
  readonly folder: string;
  readonly url: string;
  readonly recorder: Recorder;
  /** A program that starts the daemon, with its arguments. */
  readonly through?: readonly string[];
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** The built daemon with a data folder of its own, which can be started again and again. */
export class FaultDevice {
  readonly name: string;
  readonly #deps: FaultDeviceDeps;
  readonly database: FaultDatabase;
  #mien: Mien | undefined;
  /** Output of runs that ended in another way than ordered. */
  readonly faults: string[] = [];
  /** Longest clean stop, in ms. */
  slowestStopMs = 0;
  integrityChecks = 0;

  constructor(deps: FaultDeviceDeps) {
    this.#deps = deps;
    this.name = deps.name;
    this.database = new FaultDatabase(join(deps.folder, deps.name, 'mien.db'), deps.name);
  }

  start(): void {
    const { folder, name, url, through, settings } = this.#deps;
    const mien = runOnClip(
      {
        ...{ dataDir: join(folder, name), 'device.name': name, 'mqtt.url': url, 'mqtt.readingMs': 100 },
        ...{ 'store.sampleMs': sampleMs, 'visits.gapMs': gapMs, 'visits.minDwellMs': minDwellMs },
        ...settings,
      },
      through,
    );
    this.#mien = mien;
    void mien.exited.then((code) => {
      if (this.#mien === mien) this.faults.push(`${name} ended by itself (${code}): ${mien.stderr.slice(-300)}`);
    });
  }

  /** Everything that the running daemon has printed. */
  get output(): string {
    return this.#mien?.stderr ?? '';
  }

  /** Resolves when the daemon serves its page, or has ended. */
  async untilRunning(): Promise<void> {
    // The end of the process is reported by `start`.
    await this.#mien?.prints(/Kiosk page/).catch(() => {});
  }

  /** Resolves when a face is in a live reading, or after a limit. */
  async untilFace(): Promise<void> {
    await this.untilRunning();
    const { sights } = this.#deps.recorder;
    const before = sights.length;
    const until = performance.now() + firstFaceMs;
    while (performance.now() < until && this.#mien) {
      if (sights.slice(before).some(({ device }) => device === this.name)) return;
      await sleep(50);
    }
  }

  async kill(): Promise<void> {
    const mien = this.#mien;
    this.#mien = undefined;
    await mien?.stop('SIGKILL');
    this.#checkIntegrity();
  }

  async stop(): Promise<void> {
    const mien = this.#mien;
    this.#mien = undefined;
    if (!mien) return;
    const from = performance.now();
    const code = await mien.stop('SIGTERM');
    this.slowestStopMs = Math.max(this.slowestStopMs, performance.now() - from);
    if (code !== 0) this.faults.push(`${this.name} stopped with ${code}: ${mien.stderr.slice(-300)}`);
    this.#checkIntegrity();
  }

  /** Runs the daemon until every row has arrived and it has stopped cleanly. What a stop leaves in the outbox, the next start sends. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      if (!this.#mien) this.start();
      await this.untilRunning();
      const rows = this.database.rows();
      await this.#arrived(rows);
      await this.stop();
      await sleep(300);
      if (this.#missing(this.database.rows()).length === 0) return;
    }
  }

  #checkIntegrity(): void {
    if (!this.database.exists) return;
    this.integrityChecks += 1;
    const damage = this.database.damage();
    if (damage) this.faults.push(`${this.name}: integrity_check: ${damage}`);
  }

  async #arrived(rows: readonly Identity[]): Promise<void> {
    const until = performance.now() + arrivalMs;
    while (this.#missing(rows).length > 0 && performance.now() < until) await sleep(100);
  }

  #missing(rows: readonly Identity[]): Identity[] {
    const there = new Set(this.#deps.recorder.records.map(({ device, id }) => `${device}/${id}`));
    return rows.filter(({ device, id }) => !there.has(`${device}/${id}`));
  }
}

import type { DeviceState } from '../../core/state.ts';
import { Mien } from '../fixtures/mien.ts';

/** The built daemon on the demo clip, as users start it. */
export class Device {
  readonly #settings: Readonly<Record<string, string | number>>;
  #mien: Mien | undefined;
  #origin = '';

  constructor(settings: Readonly<Record<string, string | number>>) {
    this.#settings = { 'camera.source': 'demo', 'http.port': 0, 'visits.gapMs': 1000, ...settings };
  }

  /** @returns when the process was started, ms of `performance.now()` */
  async start(change: Readonly<Record<string, string | number>> = {}): Promise<number> {
    const startedAt = performance.now();
    const all = { ...this.#settings, ...change };
    this.#mien = new Mien(['run', ...Object.entries(all).flatMap(([path, value]) => ['--set', `${path}=${value}`])]);
    this.#origin = await this.#mien.url();
    return startedAt;
  }

  async stop(): Promise<void> {
    await this.#mien?.stop();
    this.#mien = undefined;
  }

  async state(): Promise<DeviceState> {
    const answer = (await (await fetch(`${this.#origin}/api/v1/state`)).json()) as { state: DeviceState };
    return answer.state;
  }

  /** Runs `mien mqtt forget` with the settings of this device. */
  async forget(...args: string[]): Promise<{ code: number | null; output: string }> {
    const set = Object.entries(this.#settings).flatMap(([path, value]) => ['--set', `${path}=${value}`]);
    const run = new Mien(['mqtt', 'forget', ...set, ...args]);
    return { code: await run.exited, output: run.stdout + run.stderr };
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceView } from '../../contract/state.ts';
import type { Checks } from '../checks.ts';
import { Mien } from '../fixtures/mien.ts';
import { environmentOf, runningName } from './processes.ts';
import { type KioskUnit, secret } from './unit.ts';
import type { VirtualScreen } from './virtual-screen.ts';

/** Of an operator, who pauses the camera and changes settings. */
const token = 'a-token-of-the-kiosk-trial-0123456789';

export interface LifeDeps {
  readonly checks: Checks;
  readonly screen: VirtualScreen;
  readonly unit: KioskUnit;
  readonly browser: 'cog' | 'chromium';
  readonly port: number;
  readonly dataDir: string;
  /** Receives the picture of the screen. */
  readonly pictureFile: string;
}

/** What a screen lives through: each fault, and how long it takes until the page is live again. */
export class Life {
  readonly #deps: LifeDeps;
  #daemon: Mien | undefined;

  constructor(deps: LifeDeps) {
    this.#deps = deps;
  }

  async run(): Promise<void> {
    try {
      await this.#start();
      await this.#secrets();
      await this.#darkness();
      await this.#killedBrowser();
      await this.#killedDaemon();
      await this.#hungBrowser();
      await this.#killedKiosk();
      await this.#stop();
    } finally {
      await this.#deps.unit.end('SIGKILL');
      await this.#daemon?.stop('SIGKILL');
    }
  }

  /** The screen is started before the daemon, as after a power cut. */
  async #start(): Promise<void> {
    const { checks, unit, screen, pictureFile } = this.#deps;
    this.#startUnit();
    await this.#within(10, 'it says that it waits for Mien', () => unit.log.includes('Waiting for Mien at'));
    await sleep(2000);
    this.#report(unit.processes.browser() === undefined, 'no browser starts before Mien answers');
    this.#startDaemon();
    await this.#live(30, 'the page is live after the start of Mien');
    await screen.save(pictureFile);
    checks.report(true, `${this.#name}: picture in ${pictureFile}; the session takes ${unit.processes.memoryMb()} MB`);
    await this.#within(30, 'the first heartbeat is in the log', () => unit.log.includes('The page is live'));
  }

  async #secrets(): Promise<void> {
    const { unit } = this.#deps;
    const own = environmentOf(unit.pid);
    const passed = environmentOf(unit.processes.browser() ?? 0);
    this.#report(own.includes(secret) && passed.length > 3 && !passed.includes(secret), 'the browser has no secret');
  }

  /** Night around the clock, and a paused camera that sees nobody. */
  async #darkness(): Promise<void> {
    const { screen, pictureFile } = this.#deps;
    await this.#send('POST', 'control/pause', {});
    await sleep(2000);
    const full = await screen.brightness();
    await this.#send('PATCH', 'settings', { kiosk: { night: '00:00-23:59', nightBrightness: 0.3 } });
    const isDimmed = async () => (await this.#light()) === 'dimmed' && (await screen.brightness()) < 0.4 * full;
    await this.#within(45, 'the page is dimmed at night', isDimmed);
    await screen.save(pictureFile.replace('.png', '-dimmed.png'));
    await this.#send('PATCH', 'settings', { kiosk: { offAtNight: true } });
    const isBlack = async () => (await this.#light()) === 'off' && (await screen.brightness()) === 0;
    await this.#within(15, 'every pixel is black once the screen is off', isBlack);
    await this.#send('DELETE', 'settings');
    await this.#send('POST', 'control/resume', {});
    await this.#live(15, 'the page is live after that night');
  }

  async #killedBrowser(): Promise<void> {
    const browser = this.#deps.unit.processes.browser() ?? 0;
    const killedAt = performance.now();
    process.kill(browser, 'SIGKILL');
    await this.#live(10, 'the page is live after a kill of the browser', { killedAt, not: browser });
  }

  async #killedDaemon(): Promise<void> {
    const { unit } = this.#deps;
    const browser = unit.processes.browser();
    await this.#daemon?.stop('SIGKILL');
    await sleep(20_000);
    const startedAt = performance.now();
    this.#startDaemon();
    await this.#live(20, 'the page heals after a kill and a start of Mien', { killedAt: startedAt });
    this.#report(unit.processes.browser() === browser, 'the browser is the same one');
  }

  /** Every process of the browser is stopped: it neither draws nor ends by SIGTERM. */
  async #hungBrowser(): Promise<void> {
    const { unit } = this.#deps;
    // The heartbeats of this browser must have begun, otherwise it gets the patience of a start.
    await sleep(15_000);
    const browser = unit.processes.browser() ?? 0;
    const killedAt = performance.now();
    for (const pid of unit.processes.browserProcesses()) process.kill(pid, 'SIGSTOP');
    await this.#live(85, 'the page is live after the browser hung', { killedAt, not: browser });
    const lines = unit.lines.filter((line) => line.includes('sent no heartbeat'));
    this.#report(lines.length === 1, `the log has one line of it: ${lines.join(' | ')}`);
  }

  async #killedKiosk(): Promise<void> {
    const { unit } = this.#deps;
    const processes = unit.processes.browserProcesses();
    const killedAt = performance.now();
    await unit.end('SIGKILL');
    await this.#gone(processes, 'no process is left after a kill of mien kiosk', killedAt);
    this.#startUnit();
    await this.#live(15, 'the page is live after its start', { killedAt: performance.now() });
  }

  async #stop(): Promise<void> {
    const { unit } = this.#deps;
    const processes = unit.processes.browserProcesses();
    const stoppedAt = performance.now();
    const code = await unit.end('SIGTERM');
    await this.#gone(processes, 'every process ends after SIGTERM', stoppedAt);
    this.#report(code === 0, `the exit code is 0, got ${code}`);
  }

  #startUnit(): void {
    const { unit, screen, browser, port } = this.#deps;
    unit.start(['--browser', browser, '--url', `http://localhost:${port}/`], {
      ...{ WLR_BACKENDS: 'x11', WLR_RENDERER: 'pixman', DISPLAY: screen.display },
    });
  }

  #startDaemon(): void {
    const { port, dataDir } = this.#deps;
    const settings = {
      'camera.source': 'demo',
      'mqtt.enabled': 'false',
      'http.port': port,
      'http.token': token,
      dataDir,
    };
    this.#daemon = new Mien([
      'run',
      ...Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`]),
    ]);
  }

  /** The page is connected and drawn, by another browser than `not`. */
  async #live(
    limitS: number,
    text: string,
    { killedAt, not }: { killedAt?: number; not?: number } = {},
  ): Promise<void> {
    const { unit, screen } = this.#deps;
    const isLive = async () =>
      unit.processes.browser() !== undefined &&
      unit.processes.browser() !== not &&
      (await this.#viewers()) > 0 &&
      (await screen.showsLivePage());
    await this.#within(limitS, text, isLive, killedAt);
  }

  async #gone(processes: readonly number[], text: string, since: number): Promise<void> {
    const left = () => processes.map(runningName).filter((name) => name !== undefined);
    await this.#deps.checks.within(2, `${this.#name}: ${text}`, left, since);
  }

  async #viewers(): Promise<number> {
    try {
      return (await this.#state()).live.viewers;
    } catch {
      // The daemon is not up yet.
      return 0;
    }
  }

  /** Brightness that the page has asked for. */
  async #light(): Promise<string | undefined> {
    return (await this.#state()).screen?.light;
  }

  async #state(): Promise<DeviceView> {
    return (await (await this.#send('GET', 'state')).json()) as DeviceView;
  }

  async #send(method: string, path: string, body?: object): Promise<Response> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const request = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${this.#deps.port}/api/v1/${path}`, request);
    if (!response.ok) throw new Error(`${method} ${path}: expected success, got ${response.status}`);
    return response;
  }

  async #within(limitS: number, text: string, isDone: () => Promise<boolean> | boolean, since?: number): Promise<void> {
    const { checks, unit } = this.#deps;
    const missing = async () => ((await isDone()) ? [] : [`not so; the log ends with: ${unit.lines.at(-1)}`]);
    await checks.within(limitS, `${this.#name}: ${text}`, missing, since);
  }

  #report(isRight: boolean, text: string): void {
    this.#deps.checks.report(isRight, `${this.#name}: ${text}`);
  }

  get #name(): string {
    return this.#deps.browser;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'mqtt';
import type { Checks } from '../checks.ts';
import type { Mosquitto } from '../fixtures/mosquitto.ts';
import type { Host } from './host.ts';

/** Of an operator, for the control of the vision process and the support bundle. */
const token = 'operator-of-the-trial-0123456789abcdef';

interface Health {
  readonly status?: string;
  readonly frames?: { readonly frame?: number };
}

/** One life of the service on a host: everything that the daemon does, under the unit's hardening. */
export class Trial {
  readonly #checks: Checks;
  readonly #host: Host;
  readonly #broker: Mosquitto;
  readonly #port: number;

  constructor(checks: Checks, host: Host, broker: Mosquitto, port: number) {
    this.#checks = checks;
    this.#host = host;
    this.#broker = broker;
    this.#port = port;
  }

  async run(): Promise<void> {
    this.#configure('demo');
    const since = performance.now();
    this.#host.run('systemctl', 'start', 'mien');
    await this.#checks.within(
      60,
      'the service is ready',
      () => this.#unless(this.#host.show('SubState') === 'running', 'running'),
      since,
    );
    await this.#functions();
    await this.#stoppedVision();
    await this.#stoppedDaemon();
    await this.#stillCamera();
    this.#stop();
    await this.#mistake();
  }

  async #functions(): Promise<void> {
    const checks = this.#checks;
    await checks.within(30, 'frames advance (demo source)', () => this.#frames());
    await checks.within(5, 'the page is served', async () => this.#unless((await this.#get('/')).ok, 'the page'));
    await checks.within(15, 'the status line says ok', () =>
      this.#unless(this.#host.show('StatusText') === 'ok', this.#host.show('StatusText')),
    );
    await checks.within(30, 'samples are in SQLite', async () =>
      this.#unless((await (await this.#get('/api/v1/samples')).text()).includes('"label"'), 'samples'),
    );
    await this.#hearsBroker();
    const picture = await (await this.#get('/snapshot.jpg')).arrayBuffer();
    await checks.within(20, 'an upload is classified', async () => {
      const answer = await this.#get('/api/v1/classify', {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: picture,
      });
      return this.#unless(answer.ok && (await answer.text()).includes('"faces"'), `answer ${answer.status}`);
    });
    const vision = this.#visionPid();
    const restarted = await this.#get('/api/v1/control/restart-vision', { method: 'POST' });
    checks.report(restarted.status === 202, `a restart of the vision process is accepted (${restarted.status})`);
    await checks.within(20, 'another vision process sees frames', async () => [
      ...this.#unless(this.#visionPid() !== vision, 'another process'),
      ...(await this.#frames()),
    ]);
    await checks.within(40, 'the support bundle is made', async () => {
      const bundle = await this.#get('/api/v1/support-bundle');
      return this.#unless(bundle.ok && (await bundle.arrayBuffer()).byteLength > 10_000, `answer ${bundle.status}`);
    });
    const environment = this.#host.run('cat', `/proc/${this.#visionPid()}/environ`).split('\0');
    const foreign = environment.filter((each) =>
      /^(NOTIFY|LISTEN|WATCHDOG|INVOCATION|CREDENTIALS|JOURNAL)_/.test(each),
    );
    checks.report(foreign.length === 0, `the vision process has no variable of systemd (${foreign.length})`);
    checks.report(
      this.#host.show('NRestarts') === '0',
      `restarts of the service so far: ${this.#host.show('NRestarts')}`,
    );
  }

  async #hearsBroker(): Promise<void> {
    const topics = new Set<string>();
    const client = connect(this.#broker.url);
    client.subscribe('mien/#');
    client.on('message', (topic) => topics.add(topic.split('/').at(-1)!));
    await this.#checks.within(20, 'state and readings arrive at the broker', () =>
      ['state', 'reading', 'availability'].filter((each) => !topics.has(each)),
    );
    await client.endAsync();
  }

  async #stoppedVision(): Promise<void> {
    const main = this.#host.show('MainPID');
    const vision = this.#visionPid();
    const since = performance.now();
    this.#host.run('kill', '-STOP', vision);
    await this.#checks.within(
      30,
      'a stopped vision process is replaced, and frames advance',
      async () => [...this.#unless(this.#visionPid() !== vision, 'another process'), ...(await this.#frames())],
      since,
    );
    // As long as the watchdog would need.
    await sleep(12_000);
    const [restarts, now] = [this.#host.show('NRestarts'), this.#host.show('MainPID')];
    this.#checks.report(restarts === '0' && now === main, `without a restart of the service (NRestarts ${restarts})`);
  }

  async #stoppedDaemon(): Promise<void> {
    const main = this.#host.show('MainPID');
    const since = performance.now();
    this.#host.run('kill', '-STOP', main);
    await this.#checks.within(
      15,
      'a stopped daemon is started again',
      () => {
        const pid = this.#host.show('MainPID');
        return this.#unless(pid !== main && pid !== '0', 'another process');
      },
      since,
    );
    await this.#checks.within(
      30,
      'and ready, and frames advance',
      async () => [...this.#unless(this.#host.show('SubState') === 'running', 'running'), ...(await this.#frames())],
      since,
    );
    this.#checks.report(
      this.#host.show('NRestarts') === '1',
      `by the watchdog, once (NRestarts ${this.#host.show('NRestarts')})`,
    );
  }

  async #stillCamera(): Promise<void> {
    this.#configure('still:TEST:');
    this.#host.run('systemctl', 'restart', 'mien');
    await this.#checks.within(40, 'frames of a still camera advance (fswebcam)', () => this.#frames());
  }

  #stop(): void {
    const since = performance.now();
    this.#host.run('systemctl', 'stop', 'mien');
    const seconds = (performance.now() - since) / 1000;
    const result = this.#host.show('Result');
    this.#checks.report(
      seconds < 5 && result === 'success',
      `the service stops (${result}, after ${seconds.toFixed(1)} s, at most 5 s)`,
    );
  }

  async #mistake(): Promise<void> {
    this.#host.configure(['camera:', '  widht: 640']);
    const before = this.#host.show('NRestarts');
    try {
      this.#host.run('systemctl', 'start', 'mien');
    } catch {
      // Expected: the start fails.
    }
    await sleep(8000);
    const [state, status, restarts] = ['ActiveState', 'ExecMainStatus', 'NRestarts'].map((each) =>
      this.#host.show(each),
    );
    const isRight = state === 'failed' && status === '78' && Number(restarts) <= Number(before);
    this.#checks.report(
      isRight,
      `a mistake in the configuration is not repeated (${state}, exit code ${status}, NRestarts ${restarts} after 8 s)`,
    );
  }

  #configure(source: string): void {
    const http = ['http:', '  host: 127.0.0.1', `  port: ${this.#port}`, `  token: ${token}`];
    const mqtt = ['mqtt:', '  enabled: true', `  url: ${this.#broker.url}`];
    this.#host.configure(['dataDir: /var/lib/mien', 'camera:', `  source: '${source}'`, ...http, ...mqtt]);
  }

  /** Names what is missing until a newer frame has come. */
  async #frames(): Promise<readonly string[]> {
    const frame = async () => ((await (await this.#get('/healthz')).json()) as Health).frames?.frame;
    try {
      const before = await frame();
      await sleep(2500);
      return this.#unless(before !== undefined && (await frame())! > before, `a frame after ${before}`);
    } catch (error) {
      return [`an answer (${(error as Error).message})`];
    }
  }

  #visionPid(): string {
    const main = this.#host.show('MainPID');
    const children = this.#host.run('cat', `/proc/${main}/task/${main}/children`).split(' ');
    // The upload process may be the first child.
    const isVision = (pid: string) =>
      pid !== '' && this.#host.run('cat', `/proc/${pid}/cmdline`).includes('/vision/main.js');
    return children.find(isVision) ?? '';
  }

  #get(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${token}` };
    return fetch(`http://127.0.0.1:${this.#port}${path}`, { ...init, headers, signal: AbortSignal.timeout(40_000) });
  }

  #unless(isThere: boolean, what: string): readonly string[] {
    return isThere ? [] : [what];
  }
}

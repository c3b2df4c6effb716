import { on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { DeviceView } from '../../contract/state.ts';
import type { DeviceState } from '../../core/state.ts';
import type { Health } from '../../ops/health.ts';
import { type Machine, sharedFolder } from './machine.ts';

/** The README's steps in systemd/, from an archive; the service is not started yet. */
const installation = [
  'mkdir -p /opt/mien/releases/trial /etc/mien',
  `tar -xzf ${sharedFolder}/release.tar.gz --strip-components=1 --no-same-owner -C /opt/mien/releases/trial`,
  'ln -sfn releases/trial /opt/mien/current',
  'cd /opt/mien/current/systemd',
  'install -m644 -D sysusers.d/mien.conf /usr/lib/sysusers.d/mien.conf && systemd-sysusers',
  'install -m644 -D tmpfiles.d/mien.conf /usr/lib/tmpfiles.d/mien.conf && systemd-tmpfiles --create mien.conf',
  'install -m644 udev/70-mien-camera.rules /etc/udev/rules.d/ && udevadm control --reload && udevadm trigger -s video4linux',
  'install -m644 mien.service /etc/systemd/system/ && systemctl daemon-reload',
];

/** What a machine without hardware acceleration needs: it computes 20 to 50 times slower than a board. */
const slowMachine = [
  'detect: {threads: 1, inputWidth: 128}',
  'classify: {precision: int8, threads: 1}',
  'mqtt: {enabled: false}',
];

export const pagePort = 9161;
const pictureLimitMs = 120_000;
/** Mien trusts no request that was forwarded to another port. */
const token = 'operator-of-the-trial-0123456789abcdef';
const headers = { authorization: `Bearer ${token}` };

/** Which main process the service has, and how often systemd restarted it. */
export interface Life {
  readonly pid: string;
  readonly restarts: string;
}

/** The installed service in the machine. */
export class Service {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Installs the archive in the shared folder as a person does by hand. */
  async install(): Promise<void> {
    await this.machine.shell(...installation);
  }

  /** Writes the configuration. The service takes it at its next start. */
  async configure(camera: string): Promise<void> {
    const http = `http: {host: 127.0.0.1, port: ${pagePort}, token: ${token}}`;
    const lines = ['dataDir: /var/lib/mien', http, `camera: ${camera}`];
    const text = [...lines, ...slowMachine].join('\n');
    await this.machine.shell(`printf '%s\\n' '${text}' | install -m640 -g mien /dev/stdin /etc/mien/mien.yaml`);
  }

  async restart(): Promise<void> {
    await this.machine.run('systemctl', 'restart', 'mien');
  }

  async life(): Promise<Life> {
    const shown = await this.machine.run('systemctl', 'show', '-p', 'MainPID', '-p', 'NRestarts', 'mien');
    const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(shown)?.[1] ?? '';
    return { pid: property('MainPID'), restarts: property('NRestarts') };
  }

  /** The newest lines of its log. */
  log(lines: number): Promise<string> {
    return this.machine.run('journalctl', '-u', 'mien', '-o', 'cat', '-n', String(lines), '--no-pager');
  }

  async state(): Promise<DeviceState> {
    return (await this.#json<DeviceView>('/api/v1/state')).state;
  }

  health(): Promise<Health> {
    return this.#json('/healthz');
  }

  /** A picture as the page gets it: without boxes drawn in. See `frameMessage` for its form. */
  async picture(): Promise<Buffer> {
    const socket = new WebSocket(`${this.machine.page.replace('http', 'ws')}/live`, { headers });
    try {
      for await (const [data, isBinary] of on(socket, 'message', { signal: AbortSignal.timeout(pictureLimitMs) })) {
        if (isBinary) return (data as Buffer).subarray(4 + (data as Buffer).readUInt32BE(0));
      }
      throw new Error('no picture');
    } finally {
      socket.terminate();
    }
  }

  /** Names what is missing until the camera is open and a newer frame has come. */
  async missingFrames(): Promise<readonly string[]> {
    try {
      const { camera, vision } = await this.state();
      const state = `camera ${camera.state}: ${camera.reason ?? ''} (vision ${vision.state}: ${vision.lastRestart ?? ''})`;
      if (camera.state !== 'online') return [state];
      const { frame } = (await this.health()).frames;
      await sleep(2000);
      const later = (await this.health()).frames.frame;
      return later !== undefined && later !== frame ? [] : [`a frame after ${frame}; ${state}`];
    } catch (error) {
      return [`an answer (${(error as Error).message})`];
    }
  }

  /** Names what is missing until the camera counts as lost, and the health as degraded only. */
  async missingLoss(): Promise<readonly string[]> {
    try {
      const [{ camera }, { status }] = [await this.state(), await this.health()];
      return camera.state === 'lost' && status === 'degraded' ? [] : [`camera ${camera.state}, health ${status}`];
    } catch (error) {
      return [`an answer (${(error as Error).message})`];
    }
  }

  async #json<T>(path: string): Promise<T> {
    const answer = await this.#get(path);
    // Health answers 503 when it is failing.
    if (!answer.ok && path !== '/healthz') throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.machine.page}${path}`, { headers, signal: AbortSignal.timeout(60_000) });
  }
}

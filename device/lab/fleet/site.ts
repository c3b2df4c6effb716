import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testAuthority } from '../fixtures/certificates.ts';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.ts';
import { Controller } from './controller.ts';
import { Host, type HostPlan } from './host.ts';
import { Mirror } from './mirror.ts';
import { makeReleases, type Releases, variants } from './releases.ts';

const controllerAddress = '10.77.0.1';
const mirrorPort = 8000;
const brokerPort = 8883;
const bridge = 'fleet0';

/** The first one is the canary. */
const plans = [
  { name: 'lobby', address: '10.77.0.11', suite: 'bookworm' },
  { name: 'canteen', address: '10.77.0.12', suite: 'trixie' },
  { name: 'entrance', address: '10.77.0.13', suite: 'bookworm' },
  { name: 'hall', address: '10.77.0.14', suite: 'trixie' },
] as const satisfies readonly HostPlan[];

export type HostName = (typeof plans)[number]['name'];

/** Four devices, a mirror, a broker with TLS and the operator's machine, in a network of their own. */
export class Site {
  readonly folder: string;
  readonly hosts: Readonly<Record<HostName, Host>>;
  readonly mirror: Mirror;
  readonly log: string;
  readonly #lab: string;
  #broker: Mosquitto | undefined;
  #controller: Controller | undefined;
  #releases: Releases | undefined;

  constructor(lab: string) {
    mkdirSync(lab, { recursive: true });
    this.#lab = lab;
    this.folder = mkdtempSync(join(lab, 'fleet-run-'));
    this.log = join(lab, 'fleet.log');
    this.mirror = new Mirror(join(this.folder, 'mirror'));
    const around = {
      lab,
      folder: this.folder,
      bridge,
      login: join(this.folder, 'login.pub'),
      knownHosts: join(this.folder, 'known_hosts'),
    };
    const hosts = plans.map((plan) => [plan.name, new Host(plan, around)]);
    this.hosts = Object.fromEntries(hosts) as Record<HostName, Host>;
  }

  get all(): readonly Host[] {
    return Object.values(this.hosts);
  }

  get controller(): Controller {
    return this.#controller!;
  }

  get releases(): Releases {
    return this.#releases!;
  }

  /** Address of the broker for the controller. */
  get brokerUrl(): string {
    return this.#broker!.url;
  }

  /** @param archive of a release for this machine @param ansible ansible-playbook */
  async start(archive: string, ansible: string): Promise<void> {
    writeFileSync(this.log, '');
    makeNetwork();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(this.folder, 'login')]);
    this.#releases = await makeReleases(archive, join(this.#lab, 'fleet-releases'));
    await this.mirror.serve(this.releases.folders.first);
    await this.mirror.start(controllerAddress, mirrorPort);
    this.#broker = await this.#startBroker();
    this.#controller = new Controller(ansible, this.#writeInventory(), this.log);
    for (const host of this.all) {
      host.prepare();
      await host.start();
    }
  }

  async stop(): Promise<void> {
    console.log('\nStopping the hosts and removing their files');
    this.#controller?.stop();
    await Promise.all(this.all.map((host) => host.stop()));
    await this.#broker?.stop();
    await this.mirror.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** With TLS, a certificate and a password per device, and the rights that the hub has. */
  async #startBroker(): Promise<Mosquitto> {
    const authority = testAuthority(this.folder);
    const { cert, key } = authority.sign('broker', `IP:${controllerAddress}`);
    const users = Object.fromEntries([...plans.map(({ name }) => [name, passwordOf(name)]), ['observer', 'observer']]);
    const rights = [
      'pattern write mien/%u/#',
      'pattern read mien/%u/+',
      'pattern write homeassistant/device/+/config',
      'pattern read homeassistant/status',
    ];
    return startMosquitto({
      users,
      acl: [...rights, 'user observer', 'topic read #'],
      lines: [
        `listener ${brokerPort} ${controllerAddress}`,
        ...[`certfile ${cert}`, `keyfile ${key}`, `cafile ${authority.ca}`, 'require_certificate true'],
      ],
    });
  }

  #writeInventory(): string {
    const version = variants.first.version;
    const sums = execFileSync('cat', [join(this.releases.folders.first, 'SHA256SUMS')], { encoding: 'utf8' });
    const mien = {
      ansible_user: 'root',
      ansible_ssh_private_key_file: join(this.folder, 'login'),
      ansible_ssh_common_args: `-o StrictHostKeyChecking=yes -o UserKnownHostsFile=${join(this.folder, 'known_hosts')}`,
      app_mirror: `http://${controllerAddress}:${mirrorPort}`,
      app_version: version,
      app_checksums: { [process.arch]: sums.split(' ')[0] },
      app_release_key: this.releases.publicKey,
      app_camera: 'demo',
      // Four devices share the processors of one machine.
      app_config: { camera: { fps: 2 }, visits: {} },
      app_mqtt_url: `mqtts://${controllerAddress}:${brokerPort}`,
      app_mqtt_password: '{{ inventory_hostname }}-secret',
      // For the support bundle, which is for operators.
      app_secrets: { 'http.token': 'operator-of-the-fleet-trial-0123456789' },
      certificates_broker_ca: join(this.folder, 'authority-ca.pem'),
      certificates_authority_cert: join(this.folder, 'authority-ca.pem'),
      certificates_authority_key: join(this.folder, 'authority-ca.key'),
      kiosk_browser: 'none',
      app_throttle: 2,
      reachable_limit: 20,
    };
    const hosts = Object.fromEntries(plans.map(({ name, address }) => [name, { ansible_host: address }]));
    const file = join(this.folder, 'inventory.json');
    writeFileSync(file, JSON.stringify({ all: { children: { mien: { hosts, vars: mien } } } }, undefined, 2));
    return file;
  }
}

function passwordOf(name: string): string {
  return `${name}-secret`;
}

/** In the network namespace of this process, so it ends with it. */
function makeNetwork(): void {
  const ip = (...args: string[]) => execFileSync('ip', args);
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${controllerAddress}/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
}

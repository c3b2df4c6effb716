import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checks } from '../checks.ts';
import { observe } from '../fixtures/mosquitto.ts';
import type { PlaybookRun } from './controller.ts';
import { databaseOf } from './database.ts';
import type { Host } from './host.ts';
import { type ReleaseName, variants } from './releases.ts';
import type { HostName, Site } from './site.ts';

/** The life of a fleet, run by run. Each run begins with what the one before has left. */
export class Trial {
  readonly #checks: Checks;
  readonly #site: Site;

  constructor(checks: Checks, site: Site) {
    this.#checks = checks;
    this.#site = site;
  }

  readonly runs: Readonly<Record<string, () => Promise<void>>> = {
    install: () => this.#install(),
    again: () => this.#again(),
    update: () => this.#update(),
    blind: () => this.#blind(),
    'third-host': () => this.#thirdHost(),
    'dead-canary': () => this.#deadCanary(),
    'dead-host': () => this.#deadHost(),
    'power-cut': () => this.#powerCut(),
    hold: () => this.#hold(),
    expired: () => this.#expired(),
    rollback: () => this.#rollback(),
    collect: () => this.#collect(),
    decommission: () => this.#decommission(),
  };

  async #install(): Promise<void> {
    const run = await this.#play('nothing -> healthy', 'site.yml');
    this.#expectCode(run, 0);
    this.#expectVersions({ lobby: 'first', canteen: 'first', entrance: 'first', hall: 'first' });
    this.#expectHealthy(this.#site.all);
    await this.#expectOnline(['lobby', 'canteen', 'entrance', 'hall']);
  }

  async #again(): Promise<void> {
    const run = await this.#play('a second run changes nothing', 'site.yml');
    this.#expectCode(run, 0);
    for (const [host, { changed }] of run.recap) this.#checks.report(changed === 0, `${host}: changed=${changed}`);
    this.#checks.report(run.recap.size === 4, `${run.recap.size} hosts in the recap`);
  }

  async #update(): Promise<void> {
    await this.#serve('good');
    const run = await this.#play('update in rings 1, 10 %, 50 %', 'update.yml');
    this.#expectCode(run, 0);
    this.#expectVersions({ lobby: 'good', canteen: 'good', entrance: 'good', hall: 'good' });
    this.#expectHealthy(this.#site.all);
    this.#tellTraffic();
  }

  async #blind(): Promise<void> {
    await this.#serve('blind');
    const run = await this.#play('update that sees no frame', 'update.yml');
    this.#checks.report(run.code !== 0, `the playbook fails (exit code ${run.code})`);
    this.#checks.report(/frames/.test(run.output), 'it names the frames as the reason');
    this.#expectVersions({ lobby: 'good', canteen: 'good', entrance: 'good', hall: 'good' });
    this.#expectHealthy([this.#site.hosts.lobby]);
    for (const name of ['canteen', 'entrance', 'hall'] as const) this.#expectUntouched(name, 'blind');
  }

  async #thirdHost(): Promise<void> {
    await this.#serve('blindOnThird');
    const run = await this.#play('update that fails on the third host', 'update.yml', { update_rings: [1, 1, 1, 1] });
    this.#checks.report(run.code !== 0, `the playbook fails (exit code ${run.code})`);
    this.#expectVersions({ lobby: 'blindOnThird', canteen: 'blindOnThird', entrance: 'good', hall: 'good' });
    this.#expectUntouched('hall', 'blindOnThird');
    this.#expectHealthy([this.#site.hosts.entrance]);
  }

  async #deadCanary(): Promise<void> {
    await this.#serve('next');
    await this.#site.hosts.lobby.cut();
    const run = await this.#play('update with a dead canary', 'update.yml');
    this.#expectCode(run, 0);
    this.#checks.report(/did not answer: lobby/.test(run.output), 'the canary is named as missing');
    this.#expectVersions({ canteen: 'next', entrance: 'next', hall: 'next' });
    await this.#site.hosts.lobby.start();
    this.#expectVersions({ lobby: 'blindOnThird' });
  }

  async #deadHost(): Promise<void> {
    await this.#site.hosts.hall.cut();
    const run = await this.#play('update with a dead host', 'update.yml');
    this.#expectCode(run, 0);
    this.#checks.report(/did not answer: hall/.test(run.output), 'the host is named as missing');
    this.#expectVersions({ lobby: 'next', canteen: 'next', entrance: 'next' });
    await this.#site.hosts.hall.start();
    this.#expectHealthy(this.#site.all);
  }

  /** Twice: while the release is unpacked, and after the switch to it. */
  async #powerCut(): Promise<void> {
    await this.#serve('later');
    const { version } = variants.later;
    const { lobby, canteen } = this.#site.hosts;
    const unpacking = () => existsSync(lobby.path(`opt/mien/releases/${version}`));
    await this.#cutDuring('while it unpacks', lobby, unpacking);
    await this.#cutDuring('after the switch', canteen, () => versionOf(canteen) === version);
    const run = await this.#play('the next run heals', 'update.yml');
    this.#expectCode(run, 0);
    this.#expectVersions({ lobby: 'later', canteen: 'later', entrance: 'later', hall: 'later' });
    for (const host of [lobby, canteen]) {
      const left = existsSync(host.path('opt/mien/update.json'));
      this.#checks.report(!left, `${host.plan.name}: no record of an unfinished change is left`);
    }
    this.#expectHealthy(this.#site.all);
  }

  async #cutDuring(moment: string, host: Host, isReached: () => boolean): Promise<void> {
    const { name } = host.plan;
    const watch = new AbortController();
    const cut = (async () => {
      while (!watch.signal.aborted) {
        if (isReached()) {
          await host.cut();
          return true;
        }
        await sleep(10);
      }
      return false;
    })();
    // Ansible goes on asking a device that is gone until this limit, in s.
    const variables = { target: name, app_update_limit: 150 };
    const run = await this.#play(`power cut of ${name} ${moment}`, 'update.yml', variables);
    watch.abort();
    this.#checks.report(await cut, `${name}: the power is cut ${moment}`);
    this.#checks.report(run.code !== 0, `the playbook tells it (exit code ${run.code})`);
    await host.start();
  }

  async #hold(): Promise<void> {
    await this.#serve('newerSchema');
    const { hall } = this.#site.hosts;
    hall.run('mien', 'hold', 'an exhibition');
    const run = await this.#play('update of a host on hold', 'update.yml', { target: 'hall' });
    this.#expectCode(run, 0);
    this.#checks.report(/postponed: hall/.test(run.output), 'the host is named as postponed');
    this.#expectVersions({ hall: 'later' });
    const table = await this.#play('the table of the fleet', 'check.yml');
    this.#expectCode(table, 0);
    this.#checks.report(
      /hall .*on hold .*: an exhibition/.test(table.output),
      'the table names the reason of the hold',
    );
    for (const { plan } of this.#site.all) {
      const line = table.output.split('\n').find((each) => each.includes(`${plan.name} `) && each.includes('0.1.'));
      this.#checks.report(line !== undefined, `table: ${line?.trim() ?? `no line for ${plan.name}`}`);
    }
    hall.run('mien', 'hold', '--release');
  }

  async #expired(): Promise<void> {
    await this.#serve('expired');
    const run = await this.#play('expired metadata', 'update.yml');
    this.#checks.report(run.code !== 0, `the playbook fails (exit code ${run.code})`);
    this.#checks.report(/expired/.test(run.output), 'it names the expiry as the reason');
    this.#expectVersions({ lobby: 'later', canteen: 'later', entrance: 'later', hall: 'later' });
    this.#expectHealthy([this.#site.hosts.lobby]);
  }

  async #rollback(): Promise<void> {
    await this.#serve('newerSchema');
    const { lobby } = this.#site.hosts;
    const before = databaseOf(lobby);
    await this.#play('update to a newer schema of the database', 'update.yml', { target: 'lobby' });
    this.#expectVersions({ lobby: 'newerSchema' });
    const newer = databaseOf(lobby);
    this.#checks.report(
      newer.format > before.format,
      `the format of the database rises (${before.format} -> ${newer.format})`,
    );
    const run = await this.#play('rollback', 'rollback.yml', { target: 'lobby' });
    this.#expectCode(run, 0);
    this.#expectVersions({ lobby: 'later' });
    const after = databaseOf(lobby);
    this.#checks.report(after.format === before.format, `the database has its old format (${after.format})`);
    this.#checks.report(after.boots >= before.boots, `its rows are there (${before.boots} starts -> ${after.boots})`);
    this.#expectHealthy([lobby]);
  }

  async #collect(): Promise<void> {
    const folder = `${this.#site.folder}/collected`;
    const run = await this.#play('bundles and logs', 'collect.yml', { target: 'canteen', app_collect_folder: folder });
    this.#expectCode(run, 0);
    for (const file of ['support.zip', 'mien.log']) {
      this.#checks.report(existsSync(`${folder}/canteen/${file}`), `${file} of canteen is fetched`);
    }
  }

  async #decommission(): Promise<void> {
    const before = await this.#retained();
    const isOfHall = (topic: string) => topic.startsWith('mien/hall/');
    this.#checks.report(before.some(isOfHall), `the broker has ${before.filter(isOfHall).length} messages of hall`);
    // Discovery is not retained; an empty message removes a device from Home Assistant.
    const discovery = await this.#observe('homeassistant/device/+/config');
    const run = await this.#play('decommission', 'decommission.yml', { target: 'hall' });
    this.#expectCode(run, 0);
    const { hall } = this.#site.hosts;
    const paths = ['opt/mien', 'etc/mien', 'var/lib/mien', 'usr/local/bin/mien', 'etc/systemd/system/mien.service'];
    for (const path of [...paths, 'etc/udev/rules.d/70-mien-camera.rules', 'usr/lib/sysusers.d/mien.conf']) {
      this.#checks.report(!existsSync(hall.path(path)), `nothing at /${path}`);
    }
    this.#checks.report(hall.tell('sh', '-c', 'getent passwd mien mien-kiosk || true') === '', 'no user of Mien');
    const left = hall.tell('find', '/etc', '/opt', '/usr/local', '/var/lib', '/usr/lib/systemd', '-iname', '*mien*');
    this.#checks.report(left === '', `no file with its name${left === '' ? '' : `: ${left.replaceAll('\n', ', ')}`}`);
    const after = await this.#retained();
    this.#checks.report(!after.some(isOfHall), `the broker has ${after.filter(isOfHall).length} messages of hall`);
    await discovery.stop();
    const removed = discovery.messages.filter(({ text }) => text === '').length;
    this.#checks.report(removed === 1, `${removed} device is removed from Home Assistant`);
  }

  #play(title: string, playbook: string, variables: Readonly<Record<string, unknown>> = {}): Promise<PlaybookRun> {
    console.log(`\n${title}`);
    const run = this.#site.controller.play(playbook, variables);
    return run.then((outcome) => {
      console.log(`      ansible-playbook ${playbook}: ${outcome.seconds.toFixed(0)} s`);
      return outcome;
    });
  }

  async #serve(name: ReleaseName): Promise<void> {
    this.#site.mirror.sent.clear();
    this.#site.mirror.requests = 0;
    await this.#site.mirror.serve(this.#site.releases.folders[name]);
  }

  #tellTraffic(): void {
    const { sent, requests } = this.#site.mirror;
    const megabytes = [...sent].map(([file, bytes]) => `${file} ${(bytes / 1e6).toFixed(1)} MB`);
    console.log(`      the mirror answered ${requests} requests: ${megabytes.join(', ')}`);
  }

  #expectCode({ code, output }: PlaybookRun, expected: number): void {
    this.#checks.report(code === expected, `exit code ${code}`);
    if (code !== expected) console.log(output.split('\n').slice(-60).join('\n'));
  }

  #expectVersions(expected: Partial<Record<HostName, ReleaseName>>): void {
    for (const [name, release] of Object.entries(expected) as [HostName, ReleaseName][]) {
      const version = versionOf(this.#site.hosts[name]);
      const wanted = variants[release].version;
      this.#checks.report(version === wanted, `${name}: version ${version}, expected ${wanted}`);
    }
  }

  /** By the gate on the host itself. */
  #expectHealthy(hosts: readonly Host[]): void {
    for (const host of hosts) {
      const answer = host.tell('sh', '-c', 'mien status --gate --wait 60 --json; echo " exit code $?"');
      const isFine = / exit code 0$/.test(answer);
      this.#checks.report(isFine, `${host.plan.name}: the gate passes${isFine ? '' : `: ${answer}`}`);
    }
  }

  #expectUntouched(name: HostName, release: ReleaseName): void {
    const path = `opt/mien/releases/${variants[release].version}`;
    this.#checks.report(!existsSync(this.#site.hosts[name].path(path)), `${name} has not even downloaded it`);
  }

  async #expectOnline(names: readonly HostName[]): Promise<void> {
    await this.#checks.within(20, 'all are online at the broker, each with its own login and certificate', async () => {
      const topics = new Set(await this.#retained());
      return names.filter((name) => !topics.has(`mien/${name}/availability`));
    });
  }

  #observe(topic: string) {
    return observe(this.#site.brokerUrl, topic, { username: 'observer', password: 'observer' });
  }

  /** Topics of retained messages. */
  async #retained(): Promise<readonly string[]> {
    const observer = await this.#observe('#');
    await sleep(1000);
    await observer.stop();
    return observer.messages.filter(({ retain, text }) => retain && text !== '').map(({ topic }) => topic);
  }
}

function versionOf(host: Host): string {
  return host.linkAt('opt/mien/current')?.replace('releases/', '') ?? 'none';
}

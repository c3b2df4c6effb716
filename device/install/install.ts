import { existsSync, readFileSync } from 'node:fs';
import { lt } from 'semver';
import type { Config } from '../config/schema.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { type Answers, writeFirstConfig, writePassword } from './first/first-config.ts';
import { browserFor, configureKiosk, type KioskChoice } from './first/kiosk.ts';
import { type Origin, placeOwn } from './first/place.ts';
import { passGate } from './gate/gate.ts';
import { failureOf } from './gate/judge.ts';
import { LocalApi } from './gate/local-api.ts';
import { observe } from './gate/observe.ts';
import { linkTarget, replaceLink, writeIfChanged } from './host/disk.ts';
import { type Host, runOrFail } from './host/host.ts';
import { trustKeysOf } from './host/keys.ts';
import { Releases } from './host/releases.ts';
import { isEnabled, jobMs, serviceState, startService, stopService } from './host/service.ts';
import { serviceConfig } from './host/service-config.ts';
import { readSettings, writeSettings } from './host/settings.ts';
import { installSystemFiles, installUnits } from './host/system-files.ts';
import { changeCode, type Outcome } from './outcome.ts';
import { type ChangeDeps, type ChangeEnd, changeRelease } from './steps/change.ts';
import { heal } from './steps/heal.ts';
import { readPublicKeys } from './verify/minisign.ts';

export interface InstallOrder {
  readonly answers: Answers;
  readonly kiosk: KioskChoice;
  /** File with the trusted keys, instead of that of the release. */
  readonly key?: string;
  /** Where updates come from. */
  readonly from?: string;
  readonly channel?: string;
  /** False: everything is put into place, and starts at the next boot. */
  readonly start: boolean;
}

/** `mien install`: this release onto this host. A second run changes nothing. */
export async function install(deps: ChangeDeps, order: InstallOrder, origin: Origin): Promise<Outcome> {
  const { host } = deps;
  const releases = new Releases(host);
  await heal(deps);
  const before = releases.current;
  const { version, isNew } = await placeOwn(host, origin);
  refuseOlder(releases, version);
  const folder = releases.folder(version);
  const facts = [
    isNew,
    writeFirstConfig(host, order.answers),
    await installSystemFiles(host, folder),
    installKeys(host, order, folder),
    installSettings(host, order),
    await installPassword(host, order, folder),
    linkCommand(host),
  ];
  const end = await putIntoUse(deps, version, before);
  if (end.isJudged && end.done && order.key === undefined) trustKeysOf(host, folder);
  facts.push(end.changed, await enable(host, order, serviceConfig(host).http));
  const wasRunning = (await serviceState(host, 'mien')).isActive;
  const judged = order.start ? await startAndJudge(deps, version, end, facts.includes(true)) : undefined;
  const changed = facts.includes(true) || (order.start && !wasRunning);
  return outcomeOf(releases, { changed, before, end, judged });
}

interface End extends ChangeEnd {
  readonly changed: boolean;
  /** Whether the gate has judged already. */
  readonly isJudged: boolean;
}

/** A first release only gets its links. Another one is a change, with all that belongs to it. */
async function putIntoUse(deps: ChangeDeps, version: string, before: string | undefined): Promise<End> {
  const { host } = deps;
  const releases = new Releases(host);
  if (before === undefined || before === version) {
    releases.use(version, releases.previous);
    const changed = await installUnits(host, releases.folder(version));
    return { done: true, gate: [], changed: changed || before === undefined, isJudged: false };
  }
  const observed = await observe(host, new LocalApi(serviceConfig(host).http));
  const end = await changeRelease(deps, {
    verb: 'install',
    from: before,
    to: version,
    previous: releases.previous ?? null,
    step: 'stop',
    before: observed.active ? observed : null,
    startedAt: new Date().toISOString(),
  });
  return { ...end, changed: true, isJudged: true };
}

/** Starts at boot, and the screen if there is a browser for it. @returns whether something changed */
async function enable(host: Host, { kiosk }: InstallOrder, http: Config['http']): Promise<boolean> {
  let changed = false;
  const browser = browserFor(kiosk);
  if (browser !== undefined) {
    const release = new Releases(host);
    changed = await installUnits(host, release.folder(release.current!), true);
    changed = (await configureKiosk(host, browser, http)) || changed;
  }
  for (const unit of browser === undefined ? ['mien'] : ['mien', 'mien-kiosk']) {
    if (await isEnabled(host, unit)) continue;
    await runOrFail(host, 'systemctl', ['enable', unit]);
    changed = true;
  }
  return changed;
}

/** Starts what does not run, restarts it where its files changed, and watches it. */
async function startAndJudge(
  { host, limits }: ChangeDeps,
  version: string,
  end: End,
  changed: boolean,
): Promise<ChangeEnd> {
  if (end.isJudged) return end;
  const { isActive } = await serviceState(host, 'mien');
  // Not a restart in the background: the gate would judge the process that ends.
  if (isActive && changed) await stopService(host, 'mien');
  if (!isActive || changed) await startService(host, 'mien');
  if (await isEnabled(host, 'mien-kiosk')) await host.run('systemctl', ['start', '--no-block', 'mien-kiosk']);
  const releases = new Releases(host);
  const verdict = await passGate({
    host,
    api: new LocalApi(serviceConfig(host).http),
    version: releases.productVersion(version),
    before: undefined,
    updatesDatabase: false,
    limits,
  });
  const reason = verdict.ok ? undefined : failureOf(verdict.checks);
  return { done: verdict.ok, gate: verdict.checks, ...(reason !== undefined && { reason }) };
}

function outcomeOf(
  releases: Releases,
  what: { changed: boolean; before: string | undefined; end: End; judged: ChangeEnd | undefined },
): Outcome {
  const { changed, before, end, judged = end } = what;
  const good = before === undefined ? 'installed' : end.isJudged ? 'updated' : changed ? 'installed' : 'unchanged';
  return {
    outcome: judged.done ? good : end.isJudged ? 'rolled-back' : 'failed',
    changed,
    version: releases.current ?? null,
    previous: releases.previous ?? null,
    reason: judged.reason ?? null,
    gate: judged.gate,
    code: changeCode(judged.done),
  };
}

function refuseOlder(releases: Releases, version: string): void {
  const { current } = releases;
  if (current === undefined) return;
  const { versionFloor } = releases.describe(current);
  const lowest = lt(version, versionFloor) ? versionFloor : current;
  if (!lt(version, lowest)) return;
  throw new MienError(`Mien ${version} is older than the installed ${lowest}`, {
    code: exitCode.badData,
    remedy: 'Go back with "mien rollback", or remove Mien first with "mien uninstall"',
  });
}

function installKeys(host: Host, { key }: InstallOrder, folder: string): boolean {
  // Those of a newer release are trusted once it works.
  if (key === undefined) return !existsSync(host.at.keys) && trustKeysOf(host, folder);
  const text = readFileSync(key);
  readPublicKeys(text.toString('utf8'));
  return writeIfChanged(host.at.keys, text);
}

/** systemd reads the drop-in of the password only when it is told. */
async function installPassword(host: Host, { answers }: InstallOrder, folder: string): Promise<boolean> {
  const isNew = writePassword(host, answers.mqttPasswordFile, folder);
  if (isNew) await runOrFail(host, 'systemctl', ['daemon-reload'], jobMs);
  return isNew;
}

function installSettings(host: Host, { from, channel }: InstallOrder): boolean {
  if (from === undefined && channel === undefined) return false;
  const settings = readSettings(host);
  return writeSettings(host, {
    ...settings,
    ...(from !== undefined && { from }),
    ...(channel !== undefined && { channel }),
  });
}

function linkCommand({ at }: Host): boolean {
  const target = `${at.current}/bin/mien`;
  if (linkTarget(at.command) === target) return false;
  replaceLink(at.command, target);
  return true;
}

import { eq, gt } from 'semver';
import { exitCode, MienError } from '../core/errors.ts';
import { type Offer, offerFor, placeRelease } from './fetch/fetch-release.ts';
import { releaseSource } from './fetch/source.ts';
import { LocalApi } from './gate/local-api.ts';
import type { Observation } from './gate/observation.ts';
import { observe } from './gate/observe.ts';
import { trustedKeys, trustKeysOf } from './host/keys.ts';
import { holdNote, postponedNote } from './host/record.ts';
import { Releases } from './host/releases.ts';
import { serviceConfig } from './host/service-config.ts';
import { openingHoursAt, readSettings, type UpdateSettings } from './host/settings.ts';
import { changeCode, type Outcome } from './outcome.ts';
import { type ChangeDeps, type ChangeEnd, changeRelease } from './steps/change.ts';
import { heal } from './steps/heal.ts';

export interface UpdateOrder {
  readonly from?: string;
  readonly channel?: string;
  /** Exactly this version, or none. */
  readonly to?: string;
  /** Also in opening hours. */
  readonly now?: boolean;
  /** Tell what is available, change nothing. */
  readonly check?: boolean;
  readonly allowOlder?: boolean;
}

/** `mien update` @throws MienError if the mirror offers nothing that may be installed; nothing was changed then */
export async function update(deps: ChangeDeps, order: UpdateOrder): Promise<Outcome> {
  const { host } = deps;
  const releases = new Releases(host);
  const healed = order.check ? undefined : await heal(deps);
  if (healed?.done === false) return outcomeOf(releases, healed);
  const installed = requireInstalled(releases);
  const settings = readSettings(host);
  const source = releaseSource(order.from ?? settings.from ?? missingSource());
  const release = releases.describe(installed);
  const offer = await offerFor(source, order.channel ?? settings.channel, {
    keys: trustedKeys(host),
    device: {
      arch: process.arch,
      now: Date.now(),
      installed: { version: release.version, floor: release.versionFloor },
      mayGoBack: order.allowOlder,
    },
  });
  const { version } = offer.channel;
  requireWanted(version, order.to);
  const base = { version: installed, previous: releases.previous ?? null, gate: [], changed: false } as const;
  if (!isNews(version, installed, order)) {
    if (!order.check) postponedNote(host).remove();
    if (healed) return outcomeOf(releases, { ...healed, reason: 'the update that was cut is finished' });
    return { ...base, outcome: 'unchanged', reason: `Mien ${installed} is the newest`, code: 0 };
  }
  if (order.check) {
    const reason = `Mien ${version} is available`;
    return { ...base, outcome: 'unchanged', reason, available: version, code: 0 };
  }
  const before = await observe(host, new LocalApi(serviceConfig(host).http));
  const waitsFor = reasonToWait(deps, settings, order, before);
  if (waitsFor !== undefined) {
    postponedNote(host).write({ version, reason: waitsFor, since: new Date().toISOString() });
    return { ...base, outcome: 'postponed', reason: waitsFor, available: version, code: exitCode.tryAgain };
  }
  requireJudgeable(before);
  postponedNote(host).remove();
  await placeRelease(host, releases, source, offer);
  return applyOffer(deps, offer, { installed, before });
}

async function applyOffer(
  deps: ChangeDeps,
  { channel: { version } }: Offer,
  { installed, before }: { installed: string; before: Observation },
): Promise<Outcome> {
  const releases = new Releases(deps.host);
  const end = await changeRelease(deps, {
    verb: 'update',
    from: installed,
    to: version,
    previous: releases.previous ?? null,
    step: 'stop',
    before: before.active ? before : null,
    startedAt: new Date().toISOString(),
  });
  if (end.done) trustKeysOf(deps.host, releases.folder(version));
  return outcomeOf(releases, end);
}

function outcomeOf(releases: Releases, { done, gate, reason }: ChangeEnd): Outcome {
  return {
    outcome: done ? 'updated' : 'rolled-back',
    changed: true,
    version: releases.current ?? null,
    previous: releases.previous ?? null,
    reason: reason ?? null,
    gate,
    code: changeCode(done),
  };
}

/** Why an update has to wait; undefined if it may run. */
function reasonToWait(
  { host }: ChangeDeps,
  { hours }: UpdateSettings,
  order: UpdateOrder,
  before: Observation,
): string | undefined {
  const hold = holdNote(host).read();
  if (hold) return `on hold since ${hold.since} by ${hold.by}: ${hold.reason}`;
  if (before.session) return 'a consent session runs';
  const open = openingHoursAt(hours, new Date());
  return open !== undefined && !order.now ? `opening hours (${open})` : undefined;
}

function isNews(version: string, installed: string, { allowOlder }: UpdateOrder): boolean {
  return gt(version, installed) || (allowOlder === true && !eq(version, installed));
}

function requireWanted(offered: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted === offered) return;
  throw new MienError(`Expected Mien ${wanted}, the mirror offers ${offered}`, {
    code: exitCode.noInput,
    remedy: 'Name the offered version, or put the wanted one on the mirror',
  });
}

export function requireInstalled({ current }: Releases): string {
  if (current !== undefined) return current;
  throw new MienError('Mien is not installed on this device: /opt/mien/current leads to no release', {
    code: exitCode.noInput,
    remedy: 'Run mien install from an unpacked release',
  });
}

/** An update that cannot be judged would always go back. */
function requireJudgeable({ answer }: Observation): void {
  if (answer !== 'status') return;
  throw new MienError('The daemon wants a login from this device, so an update cannot be judged', {
    code: exitCode.config,
    remedy: 'Set http.viewerToken in mien.yaml (mien access token) and restart the service',
  });
}

function missingSource(): never {
  throw new MienError('No source of updates is known', {
    code: exitCode.usage,
    remedy: 'Give --from with the address or folder of the mirror, or write it into /etc/mien/update.yaml',
  });
}

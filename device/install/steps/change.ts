import type { MienError } from '../../core/errors.ts';
import { describeError } from '../../core/errors.ts';
import { type GateLimits, passGate, type Verdict } from '../gate/gate.ts';
import { failureOf, type GateCheck } from '../gate/judge.ts';
import { LocalApi } from '../gate/local-api.ts';
import type { Host } from '../host/host.ts';
import { type Change, changeNote } from '../host/record.ts';
import { Releases } from '../host/releases.ts';
import { startService, stopService } from '../host/service.ts';
import { databaseOf, serviceConfig } from '../host/service-config.ts';
import { installUnits } from '../host/system-files.ts';
import { copyIfFormatChanges, restoreIfNewer, schemaOf, schemaOfDatabase } from './database.ts';

/** What a change of the release needs, beside its record. */
export interface ChangeDeps {
  readonly host: Host;
  readonly limits?: GateLimits;
  /** The thread that copies a database; tests name the built one. */
  readonly copyThread?: URL;
}

/** How a change ended: `done`, or the device is back at the release before. */
export interface ChangeEnd {
  readonly done: boolean;
  readonly gate: readonly GateCheck[];
  readonly reason?: string;
}

/** One step. It may run again after a power cut: what it did already stays. */
interface Step {
  readonly name: Change['step'];
  readonly run: (work: Work) => Promise<void>;
}

interface Work extends ChangeDeps {
  readonly change: Change;
  readonly releases: Releases;
  verdict?: Verdict;
}

const steps: readonly Step[] = [
  { name: 'stop', run: ({ host }) => stopService(host, 'mien') },
  { name: 'copy', run: prepareDatabase },
  { name: 'switch', run: switchRelease },
  { name: 'start', run: ({ host }) => startService(host, 'mien') },
  { name: 'judge', run: judgeRelease },
];

/**
 * Changes the release in use: each step is on the disk before it begins, so that the next command can finish it after a power
 * cut. If the new release does not do what the old one did, the old one is put back, with its database.
 */
export async function changeRelease(deps: ChangeDeps, change: Change): Promise<ChangeEnd> {
  changeNote(deps.host).write(change);
  return continueChange(deps, change);
}

/** Goes on at the step that the record names. */
export async function continueChange(deps: ChangeDeps, change: Change): Promise<ChangeEnd> {
  const work: Work = { ...deps, change, releases: new Releases(deps.host) };
  const note = changeNote(deps.host);
  deps.host.onCritical();
  if (change.step === 'go-back') return goBack(work, change.reason ?? 'it was going back');
  try {
    for (const step of steps.slice(steps.findIndex(({ name }) => name === change.step))) {
      note.write({ ...change, step: step.name });
      await step.run(work);
    }
  } catch (error) {
    return goBack(work, describeError(error as MienError));
  }
  const { verdict } = work;
  if (verdict?.ok === false && change.verb !== 'rollback') return goBack(work, failureOf(verdict.checks));
  return finish(work);
}

async function prepareDatabase({ host, change, releases, copyThread }: Work): Promise<void> {
  const file = databaseOf(host, serviceConfig(host));
  const next = await schemaOf(releases, change.to);
  if (change.verb === 'rollback') await restoreIfNewer(host, file, next);
  else if (await copyIfFormatChanges(file, next, copyThread)) host.say('The database is copied');
}

async function switchRelease({ host, change, releases }: Work): Promise<void> {
  releases.use(change.to, change.from);
  await installUnits(host, releases.folder(change.to));
  host.say(`Mien ${change.to} is in use`);
}

async function judgeRelease(work: Work): Promise<void> {
  const { host, change, releases, limits } = work;
  const config = serviceConfig(host);
  const [known, now] = [await schemaOf(releases, change.to), schemaOfDatabase(databaseOf(host, config))];
  work.verdict = await passGate({
    host,
    api: new LocalApi(config.http),
    version: releases.productVersion(change.to),
    before: change.before ?? undefined,
    updatesDatabase: known !== undefined && now !== undefined && known.version > now.version,
    limits,
  });
}

function finish({ host, change, releases, verdict }: Work): ChangeEnd {
  changeNote(host).remove();
  for (const removed of releases.prune()) host.say(`Removed the release ${removed}`);
  const gate = verdict?.checks ?? [];
  if (verdict?.ok !== false) return { done: true, gate };
  // A rollback by hand does not go forward again: the release that it left may be worse.
  return { done: true, gate, reason: `Mien ${change.to} is in use, but ${failureOf(gate)}` };
}

/** A step that fails holds up none of the others: a device with the old release and a fault is better than one that is stopped. */
async function goBack(work: Work, reason: string): Promise<ChangeEnd> {
  const { host, change, releases, verdict } = work;
  const { from, previous } = change;
  changeNote(host).write({ ...change, step: 'go-back', reason });
  host.say(`Going back to Mien ${from}: ${reason}`);
  const faults: string[] = [];
  const attempt = async (step: () => unknown) => {
    try {
      await step();
    } catch (error) {
      faults.push(describeError(error));
    }
  };
  await attempt(() => stopService(host, 'mien'));
  await attempt(() => releases.use(from, previous ?? undefined));
  await attempt(async () =>
    restoreIfNewer(host, databaseOf(host, serviceConfig(host)), await schemaOf(releases, from)),
  );
  await attempt(() => installUnits(host, releases.folder(from)));
  await attempt(() => startService(host, 'mien'));
  await attempt(async () => {
    const back = await passGate({
      host,
      api: new LocalApi(serviceConfig(host).http),
      version: releases.productVersion(from),
      before: change.before ?? undefined,
      updatesDatabase: false,
      limits: work.limits,
    });
    if (!back.ok) faults.push(failureOf(back.checks));
  });
  changeNote(host).remove();
  releases.prune();
  const also = faults.length === 0 ? '' : `; Mien ${from} is back, but ${faults.join('; ')}`;
  return { done: false, gate: verdict?.checks ?? [], reason: `Mien ${change.to} does not work here: ${reason}${also}` };
}

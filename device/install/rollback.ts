import { exitCode, MienError } from '../core/errors.ts';
import { LocalApi } from './gate/local-api.ts';
import { observe } from './gate/observe.ts';
import { changeNote } from './host/record.ts';
import { Releases } from './host/releases.ts';
import { databaseOf, serviceConfig } from './host/service-config.ts';
import { changeCode, type Outcome } from './outcome.ts';
import { type ChangeDeps, type ChangeEnd, changeRelease } from './steps/change.ts';
import { fitOf, schemaOf } from './steps/database.ts';
import { heal } from './steps/heal.ts';
import { requireInstalled } from './update.ts';

/** `mien rollback`: the release before this one. @throws MienError (noInput) if there is none */
export async function rollback(deps: ChangeDeps): Promise<Outcome> {
  const { host } = deps;
  const releases = new Releases(host);
  const cut = changeNote(host).read();
  const healed = await heal(deps);
  // It has gone back already: once more would lead to the release that the operator wants to leave, or further.
  if (healed && cut?.verb === 'rollback') return outcomeOf(releases, healed);
  if (healed?.done === false) return { ...outcomeOf(releases, { ...healed, done: true }), code: 0 };
  const from = requireInstalled(releases);
  const to = releases.previous;
  if (to === undefined || to === from) {
    throw new MienError(`There is no release before Mien ${from}`, {
      code: exitCode.noInput,
      remedy: 'Install a release: mien update --from FOLDER --allow-older',
    });
  }
  const config = serviceConfig(host);
  await requireDatabase(databaseOf(host, config), releases, to);
  const before = await observe(host, new LocalApi(config.http));
  const end = await changeRelease(deps, {
    verb: 'rollback',
    from,
    to,
    previous: to,
    step: 'stop',
    before: before.active ? before : null,
    startedAt: new Date().toISOString(),
  });
  return outcomeOf(releases, end);
}

function outcomeOf(releases: Releases, { done, gate, reason }: ChangeEnd): Outcome {
  return {
    outcome: done ? 'rolled-back' : 'failed',
    changed: done,
    version: releases.current ?? null,
    previous: releases.previous ?? null,
    reason: reason ?? null,
    gate,
    code: changeCode(done && reason === undefined),
  };
}

/** Before anything is stopped: a release that cannot read the database would log nothing. */
async function requireDatabase(file: string, releases: Releases, to: string): Promise<void> {
  const fit = fitOf(file, await schemaOf(releases, to));
  if (fit.fits || fit.copy !== undefined) return;
  throw new MienError(`Mien ${to} cannot read ${file}, and there is no copy from before its update`, {
    code: exitCode.badData,
    remedy: 'Move the database to another folder first; then Mien begins a new one',
  });
}

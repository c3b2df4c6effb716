import { changeNote } from '../host/record.ts';
import { Releases } from '../host/releases.ts';
import { startService } from '../host/service.ts';
import { type ChangeDeps, type ChangeEnd, continueChange } from './change.ts';

/**
 * Ends a change that was cut: before the switch nothing of it is left, after the switch it is finished or taken back. Every
 * command that changes the installation begins with it.
 *
 * @returns what became of a change that had taken effect; undefined if there is nothing of one
 */
export async function heal(deps: ChangeDeps): Promise<ChangeEnd | undefined> {
  const { host } = deps;
  const change = changeNote(host).read();
  if (change === undefined) return undefined;
  const releases = new Releases(host);
  const { to, from, step } = change;
  host.say(`The change from Mien ${from} to ${to} was cut at the step "${step}"`);
  // Its step "copy" may have put back the old database already, which the release in use must not take.
  if (change.verb === 'rollback' && releases.current === from && step !== 'stop') {
    return continueChange(deps, { ...change, step: 'stop' });
  }
  if (releases.current === from && step !== 'go-back') {
    // `previous` is changed before `current`.
    releases.use(from, change.previous ?? undefined);
    changeNote(host).remove();
    await startService(host, 'mien');
    return undefined;
  }
  // After the cut the system has started anew: the service may run already, and a start of a running one changes nothing.
  const next = step === 'go-back' ? step : 'switch';
  return continueChange(deps, { ...change, step: next });
}

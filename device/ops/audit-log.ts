import { type Audit, type AuditRecord, sourceNames } from '../core/control.ts';
import type { Log } from '../core/log.ts';

const actionTexts: Readonly<Record<AuditRecord['action'], string>> = {
  pause: 'Paused',
  resume: 'Resumed',
  'restart-vision': 'Vision process restarted',
  'change-settings': 'Settings changed',
  'reset-settings': 'Settings changed',
  'apply-profile': 'Profile changed',
  'limit-rate': 'Frame rate limited',
  request: 'Request made',
  export: 'Log exported',
  backup: 'Backup downloaded',
  snapshot: 'Picture requested',
};

/**
 * Writes one line per control request into the log. The line appears when the level of the log before or after the request
 * allows it: a change of `log.level` must not hide its own record. Levels change only by control requests.
 */
export function auditToLog(log: Log): Audit {
  let levelBefore = log.level;
  return (record) => {
    write(record, log.child({}, { level: moreVerbose(levelBefore, log.level) }));
    levelBefore = log.level;
  };
}

function write({ actor, action, outcome, reason, details }: AuditRecord, log: Log): void {
  const { source, principal } = actor;
  const fields = { action, source, ...(principal !== undefined && { principal }), outcome, ...details };
  const text = `${actionTexts[action]} by ${sourceNames[source]}`;
  // The governor says in the log itself why it acts.
  const level = source === 'governor' ? 'debug' : 'info';
  if (outcome === 'failed') log.error({ ...fields, reason }, `${text}: failed`);
  else log[level](fields, text);
  if (outcome === 'not-kept' && reason !== undefined) log.error(reason);
}

function moreVerbose(a: string, b: string): string {
  const levels = ['debug', 'info', 'warn', 'error', 'silent'];
  return levels.indexOf(a) < levels.indexOf(b) ? a : b;
}

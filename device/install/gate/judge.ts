import type { Observation } from './observation.ts';

/** One line of the verdict. `ok: null`: not judged, because it is not configured or did not work before either. */
export interface GateCheck {
  readonly check: 'version' | 'frames' | 'inference' | 'broker' | 'screen';
  readonly ok: boolean | null;
  readonly message: string;
}

export interface GateQuestion {
  readonly version: string;
  /** What the device did before the change; undefined on a new one. */
  readonly before: Observation | undefined;
  /** Newest observation. */
  readonly now: Observation;
  /** Frames that were seen to pass since this start of the daemon, and over how many ms. */
  readonly seen: { readonly frames: number; readonly overMs: number };
}

/** So many frames since the start, or this time in which frames advanced: a slow source has few. */
const framesNeeded = 30;
const advancingMs = 3000;
/** A time of inference below this is never a reason to go back, in ms. */
const tolerableP95Ms = 250;
/** The page sends a heartbeat every 10 s. */
const screenSeconds = 25;

export function judge(question: GateQuestion): readonly GateCheck[] {
  return [version(question), frames(question), inference(question), broker(question), screen(question)];
}

/** Whether nothing was found wrong. */
export function passes(checks: readonly GateCheck[]): boolean {
  return checks.every(({ ok }) => ok !== false);
}

/** Why the gate does not pass, in one line. */
export function failureOf(checks: readonly GateCheck[]): string {
  return checks
    .filter(({ ok }) => ok === false)
    .map(({ check, message }) => `${check}: ${message}`)
    .join('; ');
}

function version({ version: wanted, now }: GateQuestion): GateCheck {
  const check = 'version';
  if (now.answer === 'none') return { check, ok: false, message: now.reasons[0] ?? 'the daemon does not answer' };
  if (now.answer === 'status') {
    const message = 'the daemon wants a login from this device: set http.viewerToken in mien.yaml';
    return { check, ok: false, message };
  }
  if (now.version === wanted) return { check, ok: true, message: wanted };
  return { check, ok: false, message: `expected ${wanted}, got ${now.version}` };
}

function frames({ before, now, seen }: GateQuestion): GateCheck {
  const check = 'frames';
  const isEnough = seen.frames >= framesNeeded || (seen.frames > 1 && seen.overMs >= advancingMs);
  // The number of the last frame stays when the camera is lost. A recording may have ended.
  const ok = isEnough && now.status !== 'failing' && (now.camera === 'online' || now.camera === 'ended');
  const message = `${seen.frames} frames since this start`;
  if (ok || now.answer !== 'all') return { check, ok, message };
  if (before !== undefined && !(before.frame !== undefined && before.camera === 'online')) {
    return { check, ok: null, message: `${message}; there were none before` };
  }
  if (now.camera === 'paused') return { check, ok: null, message: 'an operator has paused the camera' };
  return { check, ok, message: [message, ...now.reasons].join('; ') };
}

function inference({ before, now }: GateQuestion): GateCheck {
  const check = 'inference';
  if (now.p95Ms === undefined) return { check, ok: null, message: 'not measured yet' };
  const limit = Math.max(2 * (before?.p95Ms ?? 0), tolerableP95Ms);
  const was = before?.p95Ms === undefined ? '' : `, ${before.p95Ms} ms before`;
  // On a new device nothing says which time is normal for the board.
  const ok = now.p95Ms <= limit || (before?.p95Ms === undefined ? null : false);
  return { check, ok, message: `p95 ${now.p95Ms} ms${was}, at most ${limit} ms` };
}

function broker({ before, now }: GateQuestion): GateCheck {
  const check = 'broker';
  if (now.broker === undefined) return { check, ok: null, message: 'not known' };
  if (now.broker === 'disabled') return { check, ok: null, message: 'MQTT is off' };
  if (now.broker === 'connected') return { check, ok: true, message: 'acknowledged' };
  const why = now.reasons.find((reason) => reason.startsWith('broker')) ?? now.broker;
  if (before !== undefined && before.broker !== 'connected') {
    return { check, ok: null, message: `${why}; it was not connected before` };
  }
  const isAway = before === undefined && now.broker === 'offline' && now.brokerCode === 'broker-unreachable';
  return { check, ok: isAway ? null : false, message: why };
}

function screen({ before, now }: GateQuestion): GateCheck {
  const check = 'screen';
  if (!now.kioskActive) return { check, ok: null, message: 'mien-kiosk does not run' };
  const age = now.screenAgeSeconds;
  if (isShown(now)) return { check, ok: true, message: `heartbeat ${Math.round(age!)} s ago` };
  const message = age === undefined ? 'no heartbeat of the page' : `last heartbeat ${Math.round(age)} s ago, or hidden`;
  if (before !== undefined && !isShown(before)) return { check, ok: null, message: `${message}; none before either` };
  return { check, ok: false, message };
}

function isShown({ screenAgeSeconds, screenVisible }: Observation): boolean {
  return screenAgeSeconds !== undefined && screenAgeSeconds < screenSeconds && screenVisible === true;
}

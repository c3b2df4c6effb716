import type { StoredVisit } from './database.ts';
import { gapMs, minDwellMs, sampleMs } from './device.ts';
import type { Sight } from './recorder.ts';

/** A stay is in a snapshot only after its second reading: resolution of the live readings, and lateness on a busy machine. */
const slackMs = 350;

/** A stay as the live readings showed it. */
interface Shown {
  /** Between the first and the last reading. */
  spanMs: number;
  /** The same without the part of a hole that a visit does not count. */
  certainMs: number;
  lastTs: number;
}

export interface StayCheck {
  /** Stays in progress at a kill that were closed as cut visits. */
  readonly closed: number;
  /** Largest difference between the certain dwell and the one in the database, in ms. */
  readonly worstShortfallMs: number;
  readonly faults: readonly string[];
}

/**
 * Compares the stays in the live readings of the killed boots with the visits in the database: each stay that lasted longer than
 * a sampling interval must be a visit, and a cut visit is short by at most a sampling interval.
 */
export function checkStays(sights: readonly Sight[], visits: readonly StoredVisit[]): StayCheck {
  const shown = shownStays(sights);
  const dwells = new Map<string, StoredVisit>();
  for (const visit of visits) dwells.set(keyOf(visit), visit);
  let closed = 0;
  let worstShortfallMs = 0;
  const faults: string[] = [];
  for (const [key, { spanMs, certainMs }] of shown) {
    const visit = dwells.get(key);
    if (!visit) {
      if (certainMs > sampleMs + minDwellMs + slackMs) faults.push(`stay ${key} of ${certainMs} ms is no visit`);
      continue;
    }
    if (!visit.cut) continue;
    closed += 1;
    worstShortfallMs = Math.max(worstShortfallMs, certainMs - visit.dwellMs);
    if (certainMs - visit.dwellMs > sampleMs || visit.dwellMs > spanMs + sampleMs)
      faults.push(`stay ${key} lasted ${certainMs} to ${spanMs} ms, its cut visit ${visit.dwellMs} ms`);
  }
  return { closed, worstShortfallMs, faults };
}

function shownStays(sights: readonly Sight[]): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  for (const { ts, ...sight } of sights) {
    const stay = shown.get(keyOf(sight));
    if (stay) {
      stay.spanMs += ts - stay.lastTs;
      stay.certainMs += Math.min(ts - stay.lastTs, gapMs / 2);
      stay.lastTs = ts;
    } else shown.set(keyOf(sight), { spanMs: 0, certainMs: 0, lastTs: ts });
  }
  return shown;
}

function keyOf({ bootId, track }: Pick<StoredVisit, 'bootId' | 'track'>): string {
  return `${bootId} track ${track}`;
}

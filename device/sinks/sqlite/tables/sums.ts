import type { Hour, Minute } from '../../../core/types.ts';
import { parsed } from './columns.ts';

/** Columns that `minutes` and `hours` share. */
export interface SumsRow {
  duration_ms: number;
  people: number;
  visits_begun: number;
  visits_ended: number;
  dwell_ms: number;
  ended: string;
  shown_ms: string;
  watched_ms: number;
  blind_ms: number;
  paused_ms: number;
}

/** SQL: the columns of a `SumsRow`, and their named parameters. */
export const sumColumns =
  'duration_ms, people, visits_begun, visits_ended, dwell_ms, ended, shown_ms, watched_ms, blind_ms, paused_ms';
export const sumParameters =
  '@durationMs, @people, @visitsBegun, @visitsEnded, @dwellMs, @ended, @shownMs, @watchedMs, @blindMs, @pausedMs';

export interface MinuteRow extends SumsRow {
  id: string;
  boot_id: string;
  seq: number;
  started_at: number;
  ended_at: number;
  model: string;
  config: string;
  cut: number | null;
}

export function toMinuteColumns({ ended, shownMs, cut, ...minute }: Minute): Record<string, unknown> {
  return { ...minute, ended: JSON.stringify(ended), shownMs: JSON.stringify(shownMs), cut: cut ? 1 : null };
}

export function toMinute(row: MinuteRow): Minute {
  return {
    id: row.id,
    bootId: row.boot_id,
    seq: row.seq,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    ...toSums(row),
    model: row.model,
    config: row.config,
    ...(row.cut && { cut: true as const }),
  };
}

export interface HourRow extends SumsRow {
  start: number;
}

export function toHour(row: HourRow): Hour {
  return { start: row.start, ...toSums(row) };
}

/** What minutes and hours sum up. */
export type Sums = Omit<Hour, 'start'>;

export function toSums(row: SumsRow): Sums {
  return {
    durationMs: row.duration_ms,
    people: row.people,
    visitsBegun: row.visits_begun,
    visitsEnded: row.visits_ended,
    dwellMs: row.dwell_ms,
    ended: parsed<Minute['ended']>(row.ended),
    shownMs: parsed<Minute['shownMs']>(row.shown_ms),
    watchedMs: row.watched_ms,
    blindMs: row.blind_ms,
    pausedMs: row.paused_ms,
  };
}

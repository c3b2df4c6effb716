import type { Clock } from '../core/clock.ts';
import type { MinuteLog } from '../core/sink.ts';
import type { DeviceState, StateBoard } from '../core/state.ts';
import type { Minute, Reading, Visit } from '../core/types.ts';

/** What the device does at the moment. */
type Activity = 'watched' | 'blind' | 'paused';

function activityOf({ camera, vision }: DeviceState): Activity {
  if (camera.state === 'paused') return 'paused';
  return camera.state === 'online' && vision.state === 'running' ? 'watched' : 'blind';
}

export interface MinuteLogDeps {
  readonly bootId: string;
  readonly clock: Clock;
  readonly board: Pick<StateBoard, 'current'>;
  /** Id of the configuration in force. */
  readonly configId: () => string;
}

const minuteMs = 60_000;
/** Longest time that a face counts as shown after a frame. An idle scene has one reading a second. */
const maxStepMs = 1000;

/** Sums of the minute in progress. */
interface Sums {
  readonly startedAt: number;
  readonly startMono: number;
  readonly startWall: number;
  people: number;
  visitsBegun: number;
  visitsEnded: number;
  dwellMs: number;
  readonly ended: Map<string, { visits: number; dwellMs: number }>;
  readonly shownMs: Map<string, number>;
  readonly spentMs: Record<Activity, number>;
}

export function createMinuteLog(deps: MinuteLogDeps): MinuteLog {
  return new Minutes(deps);
}

class Minutes implements MinuteLog {
  readonly #deps: MinuteLogDeps;
  /** Tracks whose visit has begun. */
  readonly #begun = new Set<number>();
  #sums: Sums;
  #seq = 0;
  #tickedAt: number;
  /** Labels of the newest reading, and its time on the readings' clock. */
  #shown: { readonly mono: number; readonly labels: readonly string[] } | undefined;

  constructor(deps: MinuteLogDeps) {
    this.#deps = deps;
    this.#tickedAt = deps.clock.mono();
    this.#sums = this.#emptySums(deps.clock.now());
  }

  onReading({ mono, faces }: Reading): void {
    this.#addShown(mono);
    this.#shown = { mono, labels: faces.map(({ label }) => label) };
    this.#sums.people = Math.max(this.#sums.people, faces.length);
  }

  onVisit({ track, dominant, dwellMs }: Visit): void {
    const sums = this.#sums;
    this.#begin(track);
    this.#begun.delete(track);
    sums.visitsEnded += 1;
    sums.dwellMs += dwellMs;
    const { visits = 0, dwellMs: before = 0 } = sums.ended.get(dominant) ?? {};
    sums.ended.set(dominant, { visits: visits + 1, dwellMs: before + dwellMs });
  }

  onStays(stays: readonly Visit[]): void {
    for (const { track } of stays) this.#begin(track);
  }

  tick(): Minute[] {
    this.#spend();
    const { clock } = this.#deps;
    const now = clock.now();
    const { startWall, startMono } = this.#sums;
    const minute = Math.floor(now / minuteMs);
    if (minute === Math.floor(startWall / minuteMs)) return [];
    // A clock that was set may show any minute, also an earlier one.
    const isNext = Math.abs(now - startWall - (clock.mono() - startMono)) < maxStepMs && now > startWall;
    return this.#close(isNext ? minute * minuteMs : undefined);
  }

  flush(): Minute[] {
    this.#spend();
    return this.#close(undefined);
  }

  ongoing(): Minute {
    this.#spend();
    return this.#record(undefined);
  }

  #begin(track: number): void {
    if (this.#begun.has(track)) return;
    this.#begun.add(track);
    this.#sums.visitsBegun += 1;
  }

  /** @param boundary end of the minute on an undisturbed wall clock, which the next minute starts at */
  #close(boundary: number | undefined): Minute[] {
    const record = this.#record(boundary);
    this.#seq += 1;
    this.#sums = this.#emptySums(boundary ?? this.#deps.clock.now());
    return record.durationMs > 0 ? [record] : [];
  }

  #record(boundary: number | undefined): Minute {
    const { startWall: _wall, startMono: _mono, spentMs, shownMs, ended, ...sums } = this.#sums;
    const { bootId, board, configId } = this.#deps;
    const [watchedMs, blindMs, pausedMs] = [spentMs.watched, spentMs.blind, spentMs.paused].map(Math.round) as [
      number,
      number,
      number,
    ];
    const durationMs = watchedMs + blindMs + pausedMs;
    const seq = this.#seq + 1;
    return {
      ...{ id: `${bootId}-m${seq}`, bootId, seq },
      ...sums,
      endedAt: boundary ?? sums.startedAt + durationMs,
      dwellMs: Math.round(sums.dwellMs),
      ended: Object.fromEntries(ended),
      shownMs: Object.fromEntries([...shownMs].map(([label, ms]) => [label, Math.round(ms)])),
      ...{ durationMs, watchedMs, blindMs, pausedMs },
      model: board.current.vision.modelId ?? '',
      config: configId(),
    };
  }

  #addShown(mono: number): void {
    const before = this.#shown;
    const step = before ? Math.min(mono - before.mono, maxStepMs) : 0;
    // A clock that runs backwards is the clock of a new vision process.
    if (!before || step <= 0) return;
    const { shownMs } = this.#sums;
    for (const label of before.labels) shownMs.set(label, (shownMs.get(label) ?? 0) + step);
  }

  /** Assigns the time since the last call to what the device does now. */
  #spend(): void {
    const now = this.#deps.clock.mono();
    this.#sums.spentMs[activityOf(this.#deps.board.current)] += now - this.#tickedAt;
    this.#tickedAt = now;
  }

  #emptySums(startedAt: number): Sums {
    const { clock } = this.#deps;
    return {
      ...{ startedAt: Math.round(startedAt), startMono: clock.mono(), startWall: clock.now() },
      ...{ people: 0, visitsBegun: 0, visitsEnded: 0, dwellMs: 0 },
      ended: new Map(),
      shownMs: new Map(),
      spentMs: { watched: 0, blind: 0, paused: 0 },
    };
  }
}

import type { DurationCounts } from '../../core/duration-counts.ts';
import type { DeviceNow } from './device-now.ts';

type Labels = Readonly<Record<string, string>>;

/** A value that is undefined is unknown at this moment: its series is left out. */
export interface Value {
  readonly labels?: Labels;
  readonly value: number | undefined;
}

export interface Durations {
  readonly labels?: Labels;
  readonly counts: DurationCounts;
}

interface FamilyOf<Type extends string, Read> {
  readonly type: Type;
  /** With the prefix `mien_` and the base unit; a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Names of the labels. Each has a fixed set of values, see README.md. */
  readonly labels?: readonly string[];
  /** Called at a scrape; must not throw. */
  readonly read: (device: DeviceNow) => readonly Read[];
}

/** A metric with its series. All values are read at the scrape. */
export type Family = FamilyOf<'gauge' | 'counter', Value> | FamilyOf<'histogram', Durations>;

export function one(value: number | undefined): readonly Value[] {
  return [{ value }];
}

export function flag(value: boolean): readonly Value[] {
  return one(Number(value));
}

/** One series per possible value: 1 for the present one, 0 for the others. */
export function oneOf(label: string, options: readonly string[], present: string): readonly Value[] {
  return options.map((option) => ({ labels: { [label]: option }, value: Number(option === present) }));
}

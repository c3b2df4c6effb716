import { writeFileSync } from 'node:fs';
import { type Row, table } from './table.ts';
import { isMet, type Target, targetRows } from './targets.ts';

/** What a run has to say: to people as it goes, to programs as one JSON file at the end. */
export class Report {
  readonly #out: (text: string) => void;
  readonly #values: Record<string, unknown>;
  readonly #targets: Target[] = [];

  /** @param head goes before everything else in the JSON: the machine */
  constructor(out: (text: string) => void, head: Readonly<Record<string, unknown>>) {
    this.#out = out;
    this.#values = { ...head };
  }

  /** Says something that is no table: why a part was left out. */
  say(line: string): void {
    this.#out(`${line}\n`);
  }

  table(title: string, rows: readonly Row[]): void {
    this.#out(table(title, rows));
  }

  /** Figures that the project has set itself; shown together at the end. */
  targets(targets: readonly Target[]): void {
    this.#targets.push(...targets);
  }

  /** The figures of a part, in full. */
  json(part: string, value: unknown): void {
    this.#values[part] = value;
  }

  /** Shows the targets and writes the JSON file, if one is wanted. */
  finish(file: string | undefined): void {
    if (this.#targets.length > 0) this.#out(table('Targets', targetRows(this.#targets)));
    if (!file) return;
    const targets = this.#targets.map((target) => ({ ...target, met: isMet(target) }));
    writeFileSync(file, `${JSON.stringify({ ...this.#values, targets }, null, 2)}\n`);
  }
}

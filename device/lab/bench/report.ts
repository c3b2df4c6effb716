import { writeFileSync } from 'node:fs';
import { type Row, table } from './table.ts';
import { isMet, type Target, targetRows } from './targets.ts';

/** Output of a run: text for people during the run, and one JSON file for programs at the end. */
export class Report {
  readonly #out: (text: string) => void;
  readonly #values: Record<string, unknown>;
  readonly #targets: Target[] = [];

  /** @param head first part of the JSON: the machine */
  constructor(out: (text: string) => void, head: Readonly<Record<string, unknown>>) {
    this.#out = out;
    this.#values = { ...head };
  }

  /** Prints a line that is not a table, e.g. why a part was skipped. */
  say(line: string): void {
    this.#out(`${line}\n`);
  }

  table(title: string, rows: readonly Row[]): void {
    this.#out(table(title, rows));
  }

  /** The project's targets, printed together at the end. */
  targets(targets: readonly Target[]): void {
    this.#targets.push(...targets);
  }

  /** All figures of a part, for the JSON. */
  json(part: string, value: unknown): void {
    this.#values[part] = value;
  }

  /** Prints the targets, and writes the JSON file if requested. */
  finish(file: string | undefined): void {
    if (this.#targets.length > 0) this.#out(table('Targets', targetRows(this.#targets)));
    if (!file) return;
    const targets = this.#targets.map((target) => ({ ...target, met: isMet(target) }));
    writeFileSync(file, `${JSON.stringify({ ...this.#values, targets }, null, 2)}\n`);
  }
}

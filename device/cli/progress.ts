/** A progress bar on a terminal, otherwise a line every 5 s. It uses stderr, so that stdout holds the results only. */
export class Progress {
  readonly #total: number | undefined;
  readonly #label: string;
  readonly #startedAt = performance.now();
  // Nothing is shown in the first second: the first frame loads the models, so its rate is meaningless.
  #shownAt = performance.now();

  constructor(label: string, total: number | undefined) {
    this.#label = label;
    this.#total = total;
  }

  update(done: number): void {
    const now = performance.now();
    if (now - this.#startedAt < 1000 || now - this.#shownAt < (process.stderr.isTTY ? 100 : 5000)) return;
    this.#shownAt = now;
    const line = this.#line(done);
    process.stderr.write(process.stderr.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
  }

  finish(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #line(done: number): string {
    const perSecond = done / Math.max(0.001, (performance.now() - this.#startedAt) / 1000);
    const rate = `${perSecond.toFixed(0)}/s`;
    if (done === 0) return `${this.#label} ...`;
    if (!this.#total) return `${this.#label} ${done} (${rate})`;
    const share = Math.min(1, done / this.#total);
    const bar = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
    const left = Math.max(0, (this.#total - done) / Math.max(0.001, perSecond));
    return `${this.#label} [${bar}] ${done}/${this.#total} ${rate}, ${left.toFixed(0)} s left`;
  }
}

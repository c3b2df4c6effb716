import type { Reporter, TestModule } from 'vitest/node';

interface Part {
  files: number;
  /** Wall clock of the part's first start and last end, ms. */
  startedAt: number;
  endedAt: number;
}

/** Prints the wall-clock time of each vitest project after the tests, so that a part that gets slow is seen. */
export class PartTimes implements Reporter {
  readonly #parts = new Map<string, Part>();

  onTestModuleStart({ project }: TestModule): void {
    if (this.#parts.has(project.name)) return;
    this.#parts.set(project.name, { files: 0, startedAt: performance.now(), endedAt: performance.now() });
  }

  onTestModuleEnd({ project }: TestModule): void {
    const part = this.#parts.get(project.name);
    if (!part) return;
    part.files += 1;
    part.endedAt = performance.now();
  }

  onTestRunEnd(): void {
    const times = [...this.#parts].map(([name, { files, startedAt, endedAt }]) => {
      return `${name} ${Math.round((endedAt - startedAt) / 1000)} s (${files} files)`;
    });
    process.stdout.write(`\n Time per part  ${times.join(', ')}\n`);
  }
}

import { join } from 'node:path';
import { answers, Engine, findProgram } from './engine.ts';
import { folderFor, writeFor } from './files.ts';

const user = 'prometheus';

/** A target of Prometheus, with the name that its series carry. */
interface Target {
  readonly job: string;
  readonly port: number;
  readonly instance: string;
}

/** Prometheus that scrapes every second. */
export class MetricsStore {
  readonly #engine: Engine;
  readonly #port: number;

  constructor(folder: string, port: number, targets: readonly Target[]) {
    this.#port = port;
    const home = folderFor(user, join(folder, 'prometheus'));
    const config = join(home, 'prometheus.yml');
    const jobs = [...new Set(targets.map(({ job }) => job))].map((job) => ({
      job_name: job,
      static_configs: targets
        .filter((target) => target.job === job)
        .map(({ port: target, instance }) => ({ targets: [`127.0.0.1:${target}`], labels: { instance } })),
    }));
    // YAML contains JSON.
    writeFor(user, config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs }));
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(home, 'data')}`];
    const listen = `--web.listen-address=127.0.0.1:${port}`;
    const file = findProgram('prometheus', [], 'apt-get install prometheus');
    const logFile = join(folder, 'prometheus.log');
    this.#engine = new Engine({ name: 'prometheus', file, args: [...args, listen], logFile, user });
  }

  start(): Promise<void> {
    return this.#engine.start(() => answers(this.#port));
  }

  end(): Promise<void> {
    return this.#engine.end('SIGTERM');
  }

  /** Number of series of the expression's result. */
  async count(expression: string): Promise<number> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = (await (await fetch(url)).json()) as Answer;
    if (answer.status !== 'success') throw new Error(`Prometheus refuses ${expression}: ${answer.error}`);
    return answer.data.result.length;
  }
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly unknown[] };
}

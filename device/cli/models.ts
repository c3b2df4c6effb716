import { Command } from 'commander';
import { suggest } from '../config/suggest.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { type PinnedModel, readManifest } from '../core/manifest.ts';
import { restoreFile } from '../core/repair.ts';
import { checkModels, type ModelState } from './models/check.ts';
import { type PullOptions, pullModel } from './models/pull.ts';
import { type CliOptions, configOf, configOptions, modelsDirOf } from './options.ts';
import { Progress } from './progress.ts';

/** `mien models list | pull | check` */
export function modelsCommand(): Command {
  return new Command('models')
    .description('List the models, download those that Mien does not include, and check them against their cards.')
    .addCommand(listCommand())
    .addCommand(pullCommand())
    .addCommand(checkCommand());
}

function listCommand(): Command {
  return configOptions(new Command('list'))
    .description('Show each model, its state and its licence.')
    .option('--json', 'print JSON')
    .action(async (options: CliOptions & { json?: boolean }) => {
      print(await checkedModels(options), options.json);
    });
}

function checkCommand(): Command {
  return configOptions(new Command('check'))
    .description('Compare every model file with its card or its pinned sha256; exit code 65 if one does not match.')
    .option('--json', 'print JSON')
    .action(async (options: CliOptions & { json?: boolean }) => {
      const states = await checkedModels(options);
      print(states, options.json);
      const bad = states.filter(({ state }) => state === 'bad').map(({ name }) => name);
      if (bad.length === 0) return;
      throw new MienError(`These files do not match their card or sha256: ${bad.join(', ')}`, {
        code: exitCode.badData,
        remedy: `${restoreFile()}, model and card together; download yunet and blazeface with: mien models pull`,
      });
    });
}

function checkedModels(options: CliOptions): Promise<readonly ModelState[]> {
  const config = configOf(options);
  return checkModels(modelsDirOf(config), config.classify.model);
}

function pullCommand(): Command {
  return configOptions(new Command('pull'))
    .description('Download the models that Mien does not include, and check their size and sha256.')
    .argument('[name...]', 'names of the models (default: all)')
    .option('--mirror <dir|url>', 'folder or address to get them from (or MIEN_MODELS_MIRROR)')
    .action(async (names: string[], options: CliOptions & { mirror?: string }) => {
      const modelsDir = modelsDirOf(configOf(options));
      const mirror = options.mirror ?? process.env.MIEN_MODELS_MIRROR;
      const signal = abortedBySignals();
      const failures: unknown[] = [];
      for (const model of selectModels(names)) {
        // A failed download does not stop the others.
        await pullOne({ model, modelsDir, mirror, signal }).catch((error) => failures.push(error));
        if (signal.aborted) break;
      }
      for (const failure of failures.slice(0, -1)) process.stderr.write(`mien: ${describeError(failure)}\n`);
      if (failures.length > 0) throw failures.at(-1);
    });
}

async function pullOne(options: PullOptions): Promise<void> {
  const { name, bytes } = options.model;
  const progress = new Progress(name, bytes);
  // npm reports no progress.
  const waiting = setInterval(() => progress.update(0), 1000);
  try {
    const onProgress = (received: number) => {
      clearInterval(waiting);
      progress.update(received);
    };
    const from = await pullModel({ ...options, onProgress });
    progress.finish();
    process.stdout.write(`${name}: ${from === 'present' ? 'already there' : `from ${from}`}\n`);
  } finally {
    clearInterval(waiting);
    progress.finish();
  }
}

/** Ctrl-C aborts a download and removes its partial file. */
function abortedBySignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  return stop.signal;
}

function selectModels(names: readonly string[]): readonly PinnedModel[] {
  const { models } = readManifest();
  if (names.length === 0) return models;
  const known = models.map(({ name }) => name);
  return names.map((name) => {
    const model = models.find((one) => one.name === name);
    if (model) return model;
    const near = suggest(name, known);
    throw new MienError(`No model "${name}" to download (expected ${known.join(', ')})`, {
      code: exitCode.usage,
      remedy: near ? `Did you mean ${near}?` : 'See: mien models list',
    });
  });
}

function print(states: readonly ModelState[], json = false): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(states, null, 2)}\n`);
    return;
  }
  for (const { name, task, state, licence, detail } of states) {
    process.stdout.write(
      `${state.padEnd(8)} ${name} (${[task, licence].filter(Boolean).join(', ')})\n         ${detail}\n`,
    );
  }
}

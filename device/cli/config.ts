import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { describeConfig } from '../config/describe.ts';
import { livePaths } from '../config/live-settings.ts';
import { loadConfigWithSources } from '../config/load.ts';
import { maskValue } from '../config/mask.ts';
import { changeOverrides, overridesFileIn, readOverrides } from '../config/overrides.ts';
import { settings, valueAt } from '../config/settings.ts';
import { asCalled } from '../core/command.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { type CliOptions, configOptions } from './options.ts';

/** `mien config check | show | reset | reference | init` */
export function configCommand(): Command {
  return new Command('config')
    .description(
      'Check or show the configuration, reset settings from /admin, list all settings, or write a commented file.',
    )
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addCommand(resetCommand())
    .addCommand(referenceCommand())
    .addCommand(initCommand());
}

function checkCommand(): Command {
  return configOptions(new Command('check'))
    .description('List every mistake in the configuration; exit code 0 if there is none.')
    .argument('[file]', 'configuration file (default: the file that Mien would use)')
    .action((file: string | undefined, options: CliOptions) => {
      const loaded = load({ ...options, ...(file !== undefined && { config: file }) });
      process.stdout.write(`${loaded.file ?? 'No configuration file, all defaults'}: no mistakes\n`);
      for (const warning of loaded.warnings) process.stdout.write(`Warning: ${warning}\n`);
      process.stdout.write(aboutOverrides(loaded.config.dataDir));
    });
}

function showCommand(): Command {
  return configOptions(new Command('show'))
    .description('Show the effective value of each setting and its source. Secrets are masked.')
    .option('--json', 'print JSON')
    .action((options: CliOptions & { json?: boolean }) => {
      const { config, sources } = load(options);
      const { values } = readOverrides(config.dataDir);
      const rows = settings.map(({ path }) => {
        const configured = { value: maskValue(path, valueAt(config, path)), source: sources.get(path) ?? 'default' };
        return values.has(path)
          ? { path, value: values.get(path), source: overridesFileIn(config.dataDir), configured }
          : { path, ...configured };
      });
      if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else process.stdout.write(asTable(rows) + aboutOverrides(config.dataDir));
    });
}

function resetCommand(): Command {
  return configOptions(new Command('reset'))
    .description(
      'Remove settings from /admin (overrides), so that the configuration applies again from the next start.',
    )
    .argument('[setting]', 'one setting, e.g. camera.fps (default: all)')
    .action((path: string | undefined, options: CliOptions) => {
      const { dataDir } = load(options).config;
      const { values, ignored, fault } = readOverrides(dataDir);
      const known = [...values.keys(), ...ignored.map((each) => each.path)];
      const dropped = known.filter((each) => path === undefined || each === path);
      if (path !== undefined && dropped.length === 0) throw notOverridden(path, known);
      if (dropped.length > 0 || fault !== undefined) drop(dataDir, dropped);
      process.stdout.write(
        dropped.length === 0
          ? 'Nothing was set on /admin\n'
          : `Reset: ${dropped.join(', ')}. A running daemon applies this at its next start\n`,
      );
    });
}

function drop(dataDir: string, paths: readonly string[]): void {
  try {
    changeOverrides(dataDir, new Map(paths.map((path) => [path, undefined])));
  } catch (error) {
    throw new MienError(`Cannot write ${overridesFileIn(dataDir)}: ${(error as Error).message}`, {
      code: exitCode.cannotWrite,
      remedy: 'Run the command as the user of the daemon, e.g. with sudo',
      cause: error,
    });
  }
}

function notOverridden(path: string, known: readonly string[]): MienError {
  const near = known.length > 0 ? known.join(', ') : 'none at the moment';
  return new MienError(`${path}: expected a setting that was set on /admin (${near})`, {
    code: exitCode.usage,
    remedy: livePaths.includes(path) ? 'It already has its configured value' : 'List them with: mien config show',
  });
}

/** Lines about the overrides from /admin and their faults; empty without overrides. */
function aboutOverrides(dataDir: string): string {
  const { values, ignored, fault } = readOverrides(dataDir);
  const names = [...values.keys()].join(', ');
  return [
    ...(values.size > 0
      ? [`Set on /admin, overriding the configuration: ${names}. Remove with: mien config reset [SETTING]`]
      : []),
    ...ignored.map(
      ({ path, reason }) => `Set on /admin and not applied: ${path}: ${reason}. Remove with: mien config reset ${path}`,
    ),
    ...(fault === undefined ? [] : [`Set on /admin and not applied: ${fault}`]),
  ]
    .map((line) => `${asCalled(line)}\n`)
    .join('');
}

function referenceCommand(): Command {
  return new Command('reference')
    .description('List all settings with type, bounds, default and environment variable (Markdown).')
    .action(() => {
      process.stdout.write(describeConfig('markdown'));
    });
}

function initCommand(): Command {
  return new Command('init')
    .description('Write a configuration file that explains every setting. An existing file is not overwritten.')
    .argument('[file]', 'target file', 'mien.yaml')
    .action((file: string) => {
      writeNew(file, describeConfig('yaml'));
      process.stdout.write(`Wrote ${file}\n`);
    });
}

function load(options: CliOptions) {
  return loadConfigWithSources({ file: options.config, env: process.env, flags: { set: options.set } });
}

interface Row {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
  /** The configured value of an overridden setting. */
  readonly configured?: { readonly value: unknown; readonly source: string };
}

function asTable(rows: readonly Row[]): string {
  const text = (value: unknown) => JSON.stringify(value) ?? '(not set)';
  const cells = rows.map(({ path, value, source, configured }) => [
    path,
    text(value),
    configured ? `${source} (configured: ${text(configured.value)}, ${configured.source})` : source,
  ]);
  const width = (column: number) => Math.max(...cells.map((row) => Math.min(60, row[column]!.length)));
  const widths = [width(0), width(1)];
  return cells
    .map(([path, value, source]) => `${path!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  ${source}\n`)
    .join('');
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o640 });
  } catch (error) {
    throw new MienError(`Cannot write ${file}: ${existsSync(file) ? 'it already exists' : (error as Error).message}`, {
      code: exitCode.cannotWrite,
      remedy: 'Name another file: mien config init FILE',
      cause: error,
    });
  }
}

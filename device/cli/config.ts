import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { describeConfig } from '../config/describe.ts';
import { loadConfigWithSources } from '../config/load.ts';
import { maskValue } from '../config/mask.ts';
import { settings } from '../config/settings.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { type CliOptions, configOptions } from './options.ts';

/** `mien config check | show | reference | init` */
export function configCommand(): Command {
  return new Command('config')
    .description('Check the configuration, show it, list all settings, or write a file to start from.')
    .addCommand(checkCommand())
    .addCommand(showCommand())
    .addCommand(referenceCommand())
    .addCommand(initCommand());
}

function checkCommand(): Command {
  return configOptions(new Command('check'))
    .description('Name every mistake in the configuration; exit code 0 when there is none.')
    .argument('[file]', 'configuration file, instead of the usual one')
    .action((file: string | undefined, options: CliOptions) => {
      const loaded = load({ ...options, ...(file !== undefined && { config: file }) });
      process.stdout.write(`${loaded.file ?? 'No configuration file, all defaults'}: no mistakes\n`);
    });
}

function showCommand(): Command {
  return configOptions(new Command('show'))
    .description('Show each setting as Mien would use it, and where it comes from. Secrets are masked.')
    .option('--json', 'print JSON')
    .action((options: CliOptions & { json?: boolean }) => {
      const { config, sources } = load(options);
      const rows = settings.map(({ path }) => ({
        path,
        value: maskValue(path, valueAt(config, path)),
        source: sources.get(path) ?? 'default',
      }));
      process.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : asTable(rows));
    });
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
    .description('Write a configuration file that explains every setting; an existing file is left alone.')
    .argument('[file]', 'where to', 'mien.yaml')
    .action((file: string) => {
      writeNew(file, describeConfig('yaml'));
      process.stdout.write(`Wrote ${file}\n`);
    });
}

function load(options: CliOptions) {
  return loadConfigWithSources({ file: options.config, env: process.env, flags: { set: options.set } });
}

function valueAt(config: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], config);
}

function asTable(rows: readonly { path: string; value: unknown; source: string }[]): string {
  const cells = rows.map(({ path, value, source }) => [path, JSON.stringify(value) ?? '(not set)', source]);
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
    throw new MienError(
      `Cannot write ${file}: ${existsSync(file) ? 'it is there already' : (error as Error).message}`,
      {
        code: exitCode.cannotWrite,
        remedy: 'Name another file: mien config init FILE',
        cause: error,
      },
    );
  }
}

import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { exitCode, MienError } from '../core/errors.ts';
import { type ExportFormat, type ExportTable, exportFormats, exportTables } from '../core/exports.ts';
import { packageVersion } from '../core/paths.ts';
import { parseTime, timeExpected } from '../core/time-text.ts';
import type { Piece } from '../export/encoder.ts';
import { loadEncoder } from '../export/formats.ts';
import { exportRows } from '../export/rows.ts';
import { explainStoreFault, isDamage } from '../sinks/sqlite/opening/fault.ts';
import { readStore, type StoredLog } from '../sinks/sqlite/sqlite.ts';
import { type Output, openOutput } from './export/output.ts';
import { type Stopped, whenStopped } from './export/stopped.ts';
import { type CliOptions, configOf, configOptions } from './options.ts';
import { Progress } from './progress.ts';

interface ExportOptions extends CliOptions {
  readonly format: ExportFormat;
  readonly from?: number;
  readonly to?: number;
  readonly output: string;
  readonly force?: boolean;
}

/** `mien export TABLE` */
export function exportCommand(): Command {
  return configOptions(new Command('export'))
    .description('Write a table of the log as a file, oldest row first, beside a running Mien.')
    .addArgument(new Argument('<table>', 'table of the log').choices(exportTables))
    .addOption(new Option('-f, --format <format>', 'format of the file').choices(exportFormats).default('csv'))
    .option('--from <time>', 'first moment, e.g. 2026-01-31T12:00:00Z (default: the oldest row)', time)
    .option('--to <time>', 'end, exclusive (default: now)', time)
    .option('-o, --output <file>', 'file, or - for standard output', '-')
    .option('--force', 'overwrite an existing file')
    .action(async (table: ExportTable, options: ExportOptions) => {
      const { format, output, force = false } = options;
      const range = rangeOf(options);
      const { dataDir, device } = configOf(options);
      if (output === '-' && format === 'parquet' && process.stdout.isTTY) throw notOnTerminal();
      const about = { ...range, device: device.name, version: packageVersion, madeAt: Date.now() };
      const makeEncoder = await loadEncoder(format);
      await withLog(join(resolve(dataDir), 'mien.db'), async (log) => {
        const progress = process.stderr.isTTY ? new Progress('rows', undefined) : undefined;
        const onRows = (count: number) => progress?.update(count);
        const file = openOutput(output, force);
        try {
          // Standard output leaves no file to remove: a signal or a reader that has closed its end ends the process at once.
          const stopped = output === '-' ? undefined : whenStopped();
          await writeAll(exportRows({ log, table, about, onRows }, makeEncoder), file, stopped);
        } catch (error) {
          file.discard();
          throw error;
        } finally {
          progress?.finish();
        }
      });
    });
}

async function withLog(file: string, use: (log: StoredLog) => Promise<void>): Promise<void> {
  let log: StoredLog | undefined;
  try {
    log = readStore(file);
    await use(log);
  } catch (error) {
    throw isDamage(error) ? explainStoreFault(error, file) : error;
  } finally {
    log?.close();
  }
}

async function writeAll(
  pieces: Iterable<Piece | undefined>,
  file: Output,
  stopped: Stopped | undefined,
): Promise<void> {
  for (const piece of pieces) {
    if (piece) await file.write(piece);
    // Signals and faults of standard output arrive here.
    await nextTurn();
    if (stopped?.fault) throw stopped.fault;
  }
  file.finish();
}

function rangeOf({ from = 0, to = Date.now() + 1 }: ExportOptions): { from: number; to: number } {
  if (from < to) return { from, to };
  throw new MienError(
    `Expected --from before --to, got ${new Date(from).toISOString()} and ${new Date(to).toISOString()}`,
    { code: exitCode.usage, remedy: 'Swap them' },
  );
}

function time(text: string): number {
  const ms = parseTime(text);
  if (ms === undefined) throw new InvalidArgumentError(`Expected ${timeExpected}.`);
  return ms;
}

function notOnTerminal(): MienError {
  return new MienError('Parquet is binary, and the output is a terminal', {
    code: exitCode.usage,
    remedy: 'Name a file with --output, or redirect the output',
  });
}

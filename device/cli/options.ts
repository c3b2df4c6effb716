import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type ConfigFlags, type ConfigInputs, loadConfigWithSources } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { packageRoot } from '../core/paths.ts';

/** The parsed values of the options below. */
export interface CliOptions {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly source?: string;
  readonly port?: number;
}

/** Options of every command that has a configuration. */
export function configOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: mien.yaml, or /etc/mien/mien.yaml)')
    .option('--set <path=value>', 'override one setting, e.g. --set camera.fps=15; may be repeated', collect);
}

/** Options of the commands that run the daemon. */
export function sourceOptions(command: Command): Command {
  return command
    .option('-s, --source <source>', 'camera, video file, URL or folder of images (camera.source)')
    .option('-p, --port <port>', 'port of the kiosk page (http.port)', wholeNumber);
}

/** The configuration from options, environment and file. */
export function configOf(options: CliOptions, values: ConfigFlags['values'] = {}): Config {
  return loadConfigWithSources(inputsOf(options, values)).config;
}

/** The inputs of the configuration. */
export function inputsOf(options: CliOptions, values: ConfigFlags['values'] = {}): ConfigInputs {
  const flags = { camera: { source: options.source }, http: { port: options.port }, ...values };
  return { file: options.config, env: process.env, flags: { set: options.set, values: flags } };
}

export function modelsDirOf(config: Config): string {
  return config.modelsDir ?? join(packageRoot, 'models');
}

/**
 * Replaces automatic choices by fixed ones (int8, one thread), so that results do not depend on the load of the machine at the
 * start.
 */
export function reproducible(classify: Config['classify']): Config['classify'] {
  return {
    ...classify,
    precision: classify.precision === 'auto' ? 'int8' : classify.precision,
    threads: classify.threads || 1,
  };
}

/**
 * A recording has no real-time limit: detect in every frame, so that results are the same on every machine, and at 640 px or
 * more, so that faces of 15 px are found.
 */
export function offline(detect: Config['detect']) {
  const { inputWidth } = detect;
  return { ...detect, adaptive: false, inputWidth: inputWidth && Math.max(640, inputWidth), minWidth: 640 };
}

/** Parses an option that is a count. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** Parses an option that is a time in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number of seconds, e.g. 30.');
  return value;
}

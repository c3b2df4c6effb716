import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type ConfigFlags, type ConfigInputs, loadConfigWithSources } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { packageRoot } from '../core/paths.ts';

/** What the options below leave in commander's hands. */
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

/** The configuration that the options, the environment and the file make together. */
export function configOf(options: CliOptions, values: ConfigFlags['values'] = {}): Config {
  return loadConfigWithSources(inputsOf(options, values)).config;
}

/** What the configuration is made from. */
export function inputsOf(options: CliOptions, values: ConfigFlags['values'] = {}): ConfigInputs {
  const flags = { camera: { source: options.source }, http: { port: options.port }, ...values };
  return { file: options.config, env: process.env, flags: { set: options.set, values: flags } };
}

export function modelsDirOf(config: Config): string {
  return config.modelsDir ?? join(packageRoot, 'models');
}

/**
 * What is measured must not depend on how busy the machine was at the start: int8, as it is shipped, and one thread, unless asked
 * otherwise.
 */
export function reproducible(classify: Config['classify']): Config['classify'] {
  return {
    ...classify,
    precision: classify.precision === 'auto' ? 'int8' : classify.precision,
    threads: classify.threads || 1,
  };
}

/**
 * Nobody waits for a recording: look at every frame of it, which gives the same on any machine, and at no less than 640 px,
 * where faces of 15 px are still found.
 */
export function offline(detect: Config['detect']) {
  const { inputWidth } = detect;
  return { ...detect, adaptive: false, inputWidth: inputWidth && Math.max(640, inputWidth), minWidth: 640 };
}

/** For options that count something. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** For options that are a time in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number of seconds, e.g. 30.');
  return value;
}

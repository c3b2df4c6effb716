import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { findConfigFile } from '../config/read-file.ts';
import { asCalled } from '../core/command.ts';
import { exitCode } from '../core/errors.ts';
import { runProgram } from '../core/run-program.ts';
import { hostAt } from '../install/host/host.ts';
import { examine, type Finding } from './doctor/doctor.ts';
import { type CliOptions, configOptions } from './options.ts';

/** `mien doctor` */
export function doctorCommand(): Command {
  return configOptions(new Command('doctor'))
    .description('Check every part that Mien needs and print a remedy for each fault; exit code 1 if a check fails.')
    .option('--json', 'print JSON')
    .action(async (options: CliOptions & { json?: boolean }) => {
      const env = withCredentials(process.env, options.config);
      const findings = await examine({ file: options.config, env, flags: { set: options.set } });
      const failed = findings.some(({ state }) => state === 'fail');
      process.stdout.write(
        options.json ? `${JSON.stringify({ ok: !failed, findings }, null, 2)}\n` : describeFindings(findings),
      );
      if (failed) process.exitCode = exitCode.failure;
    });
}

const { config, credentials } = hostAt('/', runProgram, () => {}).at;

/**
 * Root checks an installed device as its service sees it: systemd passes these secrets to the service alone.
 * Another file than that of the service gets none of them.
 */
export function withCredentials(
  env: NodeJS.ProcessEnv,
  named?: string,
  folder = credentials,
  isRoot = process.getuid?.() === 0,
  serviceFile = config,
): NodeJS.ProcessEnv {
  if (!isRoot || env.CREDENTIALS_DIRECTORY || !existsSync(folder)) return env;
  return (named ?? (env.MIEN_CONFIG || findConfigFile(undefined, env, ['mien.yaml', serviceFile]))) === serviceFile
    ? { ...env, CREDENTIALS_DIRECTORY: folder }
    : env;
}

/** The findings for people: one line each, the remedy below. */
export function describeFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ part, state, detail, remedy }) => [
    `${state.padEnd(4)}  ${part.padEnd(11)}  ${asCalled(detail)}`,
    ...(remedy === undefined ? [] : [`                   -> ${asCalled(remedy)}`]),
  ]);
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  return `${[...lines, '', `${count('ok')} ok, ${count('warn')} to improve, ${count('fail')} failed`].join('\n')}\n`;
}

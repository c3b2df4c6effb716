#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=2
import { Command } from 'commander';
import { exitWhenUnread } from './cli/signals.ts';
import { asCalled } from './core/command.ts';
import { exitCode, MienError } from './core/errors.ts';
import { requireOpenFiles } from './core/open-files.ts';
import { packageVersion } from './core/paths.ts';

// The first line limits memory. By default V8 lets the space for young objects grow to 3 x 16 MB and fills it with pictures.
// By default glibc keeps freed memory at the top of its heap, up to twice the largest block so far; this grows for hours.
// With both limits the daemon takes 60 MB instead of 106 MB with two viewers (`npm run bench -- soak`).
// See vision/supervise/child.ts.

/** Each command is loaded on demand: the daemon must not load OpenCV, and `mien doctor` must run where OpenCV fails to load. */
const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  run: {
    summary: 'run the daemon: camera, log, MQTT and the kiosk page',
    load: async () => (await import('./cli/run.ts')).runCommand(),
  },
  kiosk: {
    summary: 'show the kiosk page on the screen of this device',
    load: async () => (await import('./cli/kiosk.ts')).kioskCommand(),
  },
  demo: {
    summary: 'show what Mien does, on a USB camera or the built-in clip',
    load: async () => (await import('./cli/demo.ts')).demoCommand(),
  },
  analyze: {
    summary: 'faces and expressions in every frame of a recording',
    load: async () => (await import('./cli/analyze.ts')).analyzeCommand(),
  },
  classify: {
    summary: 'faces and expressions in pictures',
    load: async () => (await import('./cli/classify.ts')).classifyCommand(),
  },
  evaluate: {
    summary: 'measure the model on labelled face crops',
    load: async () => (await import('./cli/evaluate.ts')).evaluateCommand(),
  },
  devices: { summary: 'list cameras', load: async () => (await import('./cli/devices.ts')).devicesCommand() },
  doctor: {
    summary: 'check every part, with a remedy for each fault',
    load: async () => (await import('./cli/doctor.ts')).doctorCommand(),
  },
  models: {
    summary: 'list, fetch and check models',
    load: async () => (await import('./cli/models.ts')).modelsCommand(),
  },
  access: {
    summary: 'make a password, a token, a login link or a certificate',
    load: async () => (await import('./cli/access.ts')).accessCommand(),
  },
  export: {
    summary: 'write a table of the log as CSV, JSON Lines or Parquet',
    load: async () => (await import('./cli/export.ts')).exportCommand(),
  },
  backup: {
    summary: 'copy the database of the log, beside a running Mien',
    load: async () => (await import('./cli/backup.ts')).backupCommand(),
  },
  restore: {
    summary: 'replace the database of the log by a backup',
    load: async () => (await import('./cli/restore.ts')).restoreCommand(),
  },
  mqtt: {
    summary: 'remove a device from the broker and from Home Assistant',
    load: async () => (await import('./cli/mqtt.ts')).mqttCommand(),
  },
  install: {
    summary: 'install this release as a service that starts at boot',
    load: async () => (await import('./cli/install.ts')).installCommand(),
  },
  update: {
    summary: 'install the newest release of a mirror; goes back if it does not work',
    load: async () => (await import('./cli/update.ts')).updateCommand(),
  },
  rollback: {
    summary: 'go back to the release before this one',
    load: async () => (await import('./cli/rollback.ts')).rollbackCommand(),
  },
  uninstall: {
    summary: 'remove the service, and with --purge everything of Mien',
    load: async () => (await import('./cli/uninstall.ts')).uninstallCommand(),
  },
  hold: {
    summary: 'keep this release until the hold is released',
    load: async () => (await import('./cli/hold.ts')).holdCommand(),
  },
  status: {
    summary: 'what is installed and whether it works',
    load: async () => (await import('./cli/status.ts')).statusCommand(),
  },
  licenses: {
    summary: 'licences of all packages, models and fonts',
    load: async () => (await import('./cli/licenses.ts')).licensesCommand(),
  },
  simulate: {
    summary: 'publish the messages of many devices with invented people, to test a broker under load',
    load: async () => (await import('./cli/simulate.ts')).simulateCommand(),
  },
  provision: {
    summary: 'prepare an SD card, so that a board installs Mien at its first boot',
    load: async () => (await import('./cli/provision.ts')).provisionCommand(),
  },
  config: {
    summary: 'check, show and explain the configuration',
    load: async () => (await import('./cli/config.ts')).configCommand(),
  },
};

const program = new Command('mien')
  .description('Shows, logs and reports the apparent expressions of the people in front of a camera, on the device.')
  .version(packageVersion)
  .showHelpAfterError('(see mien --help)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCode.usage));
exitOnFault(requireOpenFiles);
const wanted = process.argv[2] === 'help' ? process.argv[3] : process.argv[2];
for (const [name, { summary, load }] of Object.entries(commands)) {
  const command = name === wanted ? await load() : new Command(name);
  inherit(command, program);
  program.addCommand(command.summary(summary));
}

exitWhenUnread();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFault(error);
}

function exitOnFault(check: () => void): void {
  try {
    check();
  } catch (error) {
    process.exit(reportFault(error));
  }
}

/** @returns the exit code */
function reportFault(error: unknown): number {
  if (!(error instanceof MienError)) {
    // A bug in Mien: the stack shows where.
    process.stderr.write(`mien: unexpected fault: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(exitCode.internal);
  }
  process.stderr.write(`mien: ${asCalled(`${error.message}. ${error.remedy}`)}\n`);
  return error.code;
}

/** Applies the exit code for usage errors to every verb and subcommand. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
}

import { Command } from 'commander';
import { isExposed } from '../config/access.ts';
import { loadConfigWithSources } from '../config/load.ts';
import { shownTexts } from '../config/mask.ts';
import type { Config } from '../config/schema.ts';
import { exitCode } from '../core/errors.ts';
import { startDaemon } from '../main.ts';
import { createLog } from '../ops/log.ts';
import { LogRing } from '../ops/log-ring.ts';
import { examineApart } from './doctor/apart.ts';
import { configOptions, inputsOf, sourceOptions } from './options.ts';
import { untilBroken } from './run/survive.ts';
import { untilStopped } from './signals.ts';

export function runCommand(): Command {
  return sourceOptions(configOptions(new Command('run')))
    .description('Run the daemon: camera, classifier, log, MQTT and the kiosk page, until SIGTERM or Ctrl-C.')
    .action(async (options) => {
      const inputs = inputsOf(options);
      const origin = loadConfigWithSources(inputs);
      const { config } = origin;
      const logs = new LogRing();
      const log = createLog(config.log, { ring: logs, mask: shownTexts(config) });
      const stopped = untilStopped();
      const broken = untilBroken(log).then(() => {
        process.exitCode = exitCode.internal;
      });
      const daemon = await startDaemon({ config, origin, log, logs, doctor: () => examineApart(inputs) });
      log.info(`Kiosk page: ${daemon.url}`);
      for (const warning of [...origin.warnings, ...warningsOf(config)]) log.warn(warning);
      if (daemon.networkUrls.length > 0) log.info(`From other machines: ${daemon.networkUrls.join(' ')}`);
      await Promise.race([stopped, broken]);
      await daemon.stop();
      // The log has the reason; a service manager gets the exit code.
      if (daemon.board.current.store.state === 'failing') process.exitCode = exitCode.cannotWrite;
      log.info('Stopped');
    });
}

function warningsOf({ http }: Config): string[] {
  if (!isExposed(http.host) || http.tls.cert !== undefined) return [];
  return ['Passwords and pictures pass the network unencrypted: set http.tls (mien access certificate)'];
}

import { Command, Option } from 'commander';
import { type KioskChoice, kioskChoices } from '../install/first/kiosk.ts';
import { ownOrigin } from '../install/first/place.ts';
import { LocalApi } from '../install/gate/local-api.ts';
import type { Host } from '../install/host/host.ts';
import { serviceConfig } from '../install/host/service-config.ts';
import { type InstallOrder, install } from '../install/install.ts';
import type { Outcome } from '../install/outcome.ts';
import { completeAnswers, type Given } from './install/questions.ts';
import { describeOutcome, reportOutcome } from './install/report.ts';

interface InstallOptions extends Given {
  readonly kiosk: KioskChoice;
  readonly key?: string;
  readonly from?: string;
  readonly channel?: string;
  readonly start: boolean;
  readonly json?: boolean;
}

/** `mien install` */
export function installCommand(): Command {
  return new Command('install')
    .description(
      'Install this release, or this checkout, as a service that starts at boot. An existing configuration stays.',
    )
    .option('--name <name>', 'name of this device (default: its host name)')
    .option('--camera <source>', 'camera.source: auto, /dev/mien-camera, /dev/video0, rtsp://..., demo')
    .option('--mqtt-url <url>', 'broker, such as mqtt://broker.local:1883 (default: no MQTT)')
    .option('--mqtt-username <name>', 'user name at the broker')
    .option('--mqtt-password-file <file>', 'file with the password at the broker; it is copied')
    .addOption(new Option('--kiosk <browser>', 'browser for the screen').choices(kioskChoices).default('auto'))
    .option('--config <file>', 'a whole mien.yaml instead of the options above')
    .option('--key <file>', 'public key that updates must be signed with (default: that of the release)')
    .option('--from <source>', 'address or folder where updates come from')
    .option('--channel <name>', 'channel of updates')
    .option('--yes', 'take the defaults for what no option gives, ask nothing')
    .option('--no-start', 'do not start now, only at the next boot')
    .option('--json', 'print the outcome as one line of JSON')
    .action(async ({ json, kiosk, key, from, channel, start, ...given }: InstallOptions) => {
      await reportOutcome(
        json,
        async (host) => {
          const answers = await completeAnswers(host, given);
          const order: InstallOrder = { answers, kiosk, key, from, channel, start };
          const outcome = await install({ host }, order, ownOrigin);
          if (!json) sayNext(host, outcome);
          return outcome;
        },
        describeOutcome,
      );
    });
}

function sayNext(host: Host, { outcome }: Outcome): void {
  if (outcome === 'failed' || outcome === 'rolled-back') {
    host.say('See what is wrong: journalctl -u mien -o cat, and: mien doctor --config /etc/mien/mien.yaml');
    return;
  }
  host.say(`The page: ${new LocalApi(serviceConfig(host).http).url}`);
  host.say('Next: mien status; the configuration is /etc/mien/mien.yaml (then: systemctl restart mien)');
  host.say('For other machines: mien access password, then http.host: 0.0.0.0');
}

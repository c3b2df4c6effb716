import { Command, Option } from 'commander';
import { systems, writeCard } from '../provision/card.ts';
import { makePlan, type PlanOptions } from './provision/make-plan.ts';

interface ProvisionOptions extends PlanOptions {
  readonly system: (typeof systems)[number];
  readonly json?: boolean;
}

/** `mien provision` */
export function provisionCommand(): Command {
  return new Command('provision')
    .description(
      'Prepare a freshly written SD card of Raspberry Pi OS (or Ubuntu for the Pi), so that the board installs Mien at its first boot, without keyboard and screen.',
    )
    .argument('<folder>', 'where the boot partition of the card is mounted, such as /media/me/bootfs')
    .requiredOption('--name <name>', 'name of the device (device.name)')
    .requiredOption('--from <url>', 'mirror with the release; the device fetches it, and later updates, from there')
    .option('--hostname <name>', 'host name (default: the name, as far as a host name may have it)')
    .option('--ssh-key <file>', 'public keys that may log in; without it nobody can')
    .option('--user <name>', 'user for SSH, with sudo', 'admin')
    .option('--wifi-ssid <name>', 'name of the wireless network (default: cable)')
    .option('--wifi-password-file <file>', 'file with its password')
    .option('--wifi-country <code>', 'country where the device is, such as DE; required for the wireless network')
    .option('--timezone <zone>', 'such as Europe/Berlin (default: that of the image)')
    .option('--camera <source>', 'camera.source', 'auto')
    .option('--mqtt-url <url>', 'broker, such as mqtt://broker.local:1883 (default: no MQTT)')
    .option('--mqtt-username <name>', 'user name at the broker')
    .option('--mqtt-password-file <file>', 'file with the password at the broker')
    .addOption(
      new Option('--kiosk <browser>', 'browser for the screen').choices(['cog', 'chromium', 'none']).default('cog'),
    )
    .option('--key <file>', 'public key that releases must be signed with (default: that of this release)')
    .option('--channel <name>', 'channel of updates', 'stable')
    .addOption(new Option('--arch <arch>', 'platform of the board').choices(['arm64', 'x64']).default('arm64'))
    .addOption(
      new Option('--system <system>', 'raspios-12: Raspberry Pi OS on Debian 12; auto: by the files on the card')
        .choices(systems)
        .default('auto'),
    )
    .option('--no-claim', 'no claim code: the page is for the device itself only')
    .option('--json', 'print the outcome as one line of JSON')
    .action(async (folder: string, { system, json, ...options }: ProvisionOptions) => {
      const plan = await makePlan(options);
      const written = writeCard(folder, plan, system);
      const { name, hostname, release, claimCode } = plan;
      if (json) return console.log(JSON.stringify({ name, hostname, version: release.version, claimCode, ...written }));
      console.log(`${folder} is ready for ${name} (${written.system}, Mien ${release.version}):`);
      for (const file of written.files) console.log(`  ${file}`);
      console.log(`Unmount the card, and start the board with it. Its name in the network: ${hostname}`);
      if (claimCode !== undefined) {
        console.log(
          `Claim code, also on its screen: ${claimCode}. Set the password with it: http://${hostname}.local:8080/login`,
        );
      }
      if (plan.sshKeys.length === 0) console.log('Nobody can log in over SSH: --ssh-key was not given');
    });
}

import { wifiKey } from './cloud-init.ts';
import { enableFirstBoot } from './first-boot.ts';
import { bootMount, type CardFiles, type Plan, quoted } from './plan.ts';

const script = 'firstrun.sh';

/** What makes systemd run the script before anything else and restart the board afterwards, as Raspberry Pi Imager does. */
const kernelArguments = [
  `systemd.run=${bootMount}/${script}`,
  'systemd.run_success_action=reboot',
  'systemd.unit=kernel-command-line.target',
];

/**
 * Files for Raspberry Pi OS on Debian 12, which has no cloud-init.
 *
 * @param commandLine content of cmdline.txt on the card
 */
export function firstRunFiles(plan: Plan, commandLine: string): CardFiles {
  const kept = commandLine
    .trim()
    .split(/\s+/)
    .filter((word) => !/^systemd\.(run|run_success_action|unit)=/.test(word));
  return { [script]: firstRunScript(plan), 'cmdline.txt': `${[...kept, ...kernelArguments].join(' ')}\n` };
}

function firstRunScript({ hostname, user, sshKeys, wifi, timezone }: Plan): string {
  const custom = '/usr/lib/raspberrypi-sys-mods/imager_custom';
  const commands = [
    [custom, 'set_hostname', hostname],
    // The keys go to the user of the image, which is renamed afterwards.
    ...(sshKeys.length > 0 ? [[custom, 'enable_ssh', '-k', ...sshKeys]] : []),
    // A locked password: only keys log in.
    ['/usr/lib/userconf-pi/userconf', user, '!'],
    ...(wifi ? [[custom, 'set_wlan', wifi.ssid, wifiKey(wifi), wifi.country]] : []),
    ...(timezone === undefined ? [] : [[custom, 'set_timezone', timezone]]),
    ...enableFirstBoot,
    ['rm', '-f', `${bootMount}/${script}`],
    ['sed', '-i', '-E', 's/ systemd\\.(run|run_success_action|unit)=[^ ]*//g', `${bootMount}/cmdline.txt`],
  ];
  const lines = commands.map((command) =>
    command.map((word) => (/^[\w./=-]+$/.test(word) ? word : quoted(word))).join(' '),
  );
  // A step that fails must not keep the later ones from removing the script from the command line.
  return `#!/bin/sh\nset +e\n${lines.join('\n')}\nexit 0\n`;
}

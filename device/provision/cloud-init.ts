import { pbkdf2Sync } from 'node:crypto';
import { dump } from 'js-yaml';
import { enableFirstBoot, startFirstBoot } from './first-boot.ts';
import type { CardFiles, Plan } from './plan.ts';

const groups = ['adm', 'audio', 'netdev', 'plugdev', 'render', 'input', 'sudo', 'users', 'video'];

/**
 * Files of cloud-init's NoCloud source on the boot partition: Raspberry Pi OS since Debian 13, and Ubuntu for the Raspberry Pi.
 *
 * @param instance differs from card to card, so that a card that is provisioned again starts anew
 */
export function cloudInitFiles(plan: Plan, instance: string): CardFiles {
  return {
    'user-data': `#cloud-config\n${yaml(userData(plan))}`,
    'network-config': yaml(networkConfig(plan)),
    'meta-data': yaml({ 'instance-id': instance, 'local-hostname': plan.hostname }),
  };
}

function userData({ hostname, user, sshKeys, timezone }: Plan): object {
  const canLogIn = sshKeys.length > 0;
  return {
    hostname,
    manage_etc_hosts: true,
    ...(timezone !== undefined && { timezone }),
    ssh_pwauth: false,
    users: canLogIn
      ? [
          {
            name: user,
            groups: groups.join(','),
            shell: '/bin/bash',
            lock_passwd: true,
            sudo: 'ALL=(ALL) NOPASSWD:ALL',
            ssh_authorized_keys: sshKeys,
          },
        ]
      : [],
    runcmd: [
      ...(canLogIn ? [['systemctl', 'enable', '--now', 'ssh']] : []),
      ...enableFirstBoot.map((command) => [...command]),
      startFirstBoot,
    ],
  };
}

function networkConfig({ wifi }: Plan): object {
  return {
    network: {
      version: 2,
      ethernets: { eth0: { dhcp4: true, optional: true } },
      ...(wifi && {
        wifis: {
          wlan0: {
            dhcp4: true,
            optional: true,
            'regulatory-domain': wifi.country,
            'access-points': { [wifi.ssid]: { password: wifiKey(wifi) } },
          },
        },
      }),
    },
  };
}

/** The key of WPA2 that is made of the password (IEEE 802.11i), so that the password itself is not on the card. */
export function wifiKey({ ssid, password }: NonNullable<Plan['wifi']>): string {
  return pbkdf2Sync(password, ssid, 4096, 32, 'sha1').toString('hex');
}

function yaml(value: object): string {
  return dump(value, { lineWidth: -1 });
}

import { bootMount, type CardFiles, cardFolder, type Plan, quoted } from './plan.ts';

const unit = 'mien-first-boot.service';
const folder = `${bootMount}/${cardFolder}`;

/** Files that every card has: the program of the first boot, its unit, and what it installs. */
export function firstBootFiles(plan: Plan): CardFiles {
  return {
    [`${cardFolder}/first-boot.sh`]: firstBootScript(plan),
    [`${cardFolder}/${unit}`]: unitText,
    [`${cardFolder}/mien.yaml`]: plan.config,
    [`${cardFolder}/release.pub`]: plan.releaseKeys,
    ...(plan.mqttPassword !== undefined && { [`${cardFolder}/mqtt-password`]: `${plan.mqttPassword}\n` }),
  };
}

/** Commands that enable the unit; run once, as root, on the device. */
export const enableFirstBoot: readonly (readonly string[])[] = [
  ['install', '-m', '644', `${folder}/${unit}`, `/etc/systemd/system/${unit}`],
  ['systemctl', 'daemon-reload'],
  ['systemctl', 'enable', unit],
];

/** The command that starts it where the system runs already. */
export const startFirstBoot = ['systemctl', 'start', '--no-block', unit];

/** Repeats until it succeeds: the network may come minutes later, or the mirror tomorrow. */
const unitText = `[Unit]
Description=First installation of Mien
Wants=network-online.target
After=network-online.target time-sync.target
ConditionPathExists=${folder}/first-boot.sh
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/bin/sh ${folder}/first-boot.sh
Restart=on-failure
RestartSec=30

[Install]
WantedBy=multi-user.target
`;

function firstBootScript({ release, mirror, channel, kiosk, mqttPassword }: Plan): string {
  const packages = ['ca-certificates', 'curl', ...(kiosk === 'none' ? [] : ['cage', 'xwayland', kiosk])];
  const units = kiosk === 'none' ? 'mien' : 'mien mien-kiosk';
  const password = mqttPassword === undefined ? '' : ' --mqtt-password-file "$here/mqtt-password"';
  return `#!/bin/sh
# Installs Mien ${release.version} at the first boot. ${unit} repeats it until it succeeds.
set -eu
here=${folder}
mirror=${quoted(mirror)}
archive=${quoted(release.file)}
work=/var/tmp/mien-first-boot
release=release-${release.sha256}

mkdir -p "$work"
cd "$work"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
apt-get update
apt-get install --yes --no-install-recommends ${packages.join(' ')}
is_right() { echo "${release.sha256}  $archive" | sha256sum --check --status 2>/dev/null; }
# A cut download goes on where it ended; a wrong one starts again.
# The address comes from stdin: it may hold a login, and every user sees the arguments of a program.
is_right || printf 'url = "%s"\\n' "$mirror$archive" |
  curl --fail --silent --show-error --retry 5 --continue-at - --output "$archive" --config -
if ! is_right; then
  rm -f "$archive"
  echo "$archive has another checksum than ${release.sha256}" >&2
  exit 1
fi
if ! [ -d "$release" ]; then
  rm -rf unpacking
  mkdir unpacking
  tar -xzf "$archive" -C unpacking --strip-components=1
  sync
  mv unpacking "$release"
fi
is_installed() {
  [ "$(readlink /opt/mien/current)" = releases/${release.version} ] || return 1
  for each in ${units}; do systemctl is-enabled --quiet "$each" || return 1; done
}
# It also fails where something does not work yet, such as a missing camera or a dark screen. Another run would not repair that:
# "mien status" says what it is.
"./$release/bin/mien" install --yes --json --config "$here/mien.yaml" --key "$here/release.pub" \\
  --from "$mirror" --channel ${channel} --kiosk ${kiosk}${password} || is_installed

# The boot partition is readable for everybody who holds the card.
rm -rf "$here" "$work"
systemctl disable ${unit}
`;
}

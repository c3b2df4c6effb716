import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { fileIn, scratchFolder } from '../lab/fixtures/scratch.ts';
import { packFolder } from '../release/archive.ts';
import { publish } from '../release/publish.ts';
import { writeKeyPair } from '../release/sign.ts';

const scratch = scratchFolder();
const card = join(scratch, 'card');
const mirror = join(scratch, 'mirror');
const keyFile = join(scratch, 'mien.key');
const publicKey = join(scratch, 'mien.pub');
writeKeyPair(keyFile, publicKey);
const sshKey = `ssh-ed25519 ${'A'.repeat(68)} me@desk`;
const keys = fileIn(scratch, 'id.pub', `# mine\n${sshKey}\n`);
const wifiPassword = fileIn(scratch, 'wifi', 'correct horse\n');
const mqttPassword = fileIn(scratch, 'mqtt', 'broker secret\n');

const server = createServer((request, response) => {
  try {
    response.end(readFileSync(join(mirror, request.url!)));
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, '127.0.0.1');
afterAll(() => server.close());

const release = join(scratch, 'mien-0.2.0');
mkdirSync(release);
const described = {
  ...{ name: 'mien', version: '0.2.0', arch: 'arm64', versionFloor: '0.0.0', commit: 'x', node: '20', glibc: '2.35' },
  ...{ released: '2026-01-01T00:00:00.000Z', expires: '2100-01-01T00:00:00.000Z', unpackedBytes: 1000 },
};
writeFileSync(join(release, 'release.json'), JSON.stringify(described));
mkdirSync(mirror);
await packFolder(release, join(mirror, 'mien-0.2.0-arm64.tar.gz'), 1_767_225_600);
await publish({ folder: mirror, channel: 'stable', keyFile, now: Date.now(), days: 30 });

beforeEach(() => {
  rmSync(card, { recursive: true, force: true });
  mkdirSync(card);
});

/** Runs the command with what it needs, and with `more`. */
async function provision(...more: string[]): Promise<Mien> {
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = new Mien(['provision', card, '--name', 'Lobby_2', '--from', from, '--key', publicKey, ...more]);
  await run.exited;
  return run;
}

const written = (path: string) => readFileSync(join(card, path), 'utf8');
const wifi = ['--wifi-ssid', "Café's", '--wifi-password-file', wifiPassword, '--wifi-country', 'DE'];
/** As `wpa_passphrase "Café's" "correct horse"` prints it. */
const wifiKey = /^[0-9a-f]{64}$/;

test('a card for cloud-init has the user, the network and the first boot; no password is on it in the clear but that of the broker', async () => {
  const mqtt = ['--mqtt-url', 'mqtt://broker.local', '--mqtt-username', 'lobby', '--mqtt-password-file', mqttPassword];
  const run = await provision('--ssh-key', keys, ...wifi, '--timezone', 'Europe/Berlin', ...mqtt);
  expect([run.process.exitCode, run.stderr]).toEqual([0, '']);
  expect(run.stdout).toContain('Its name in the network: lobby-2');
  const userData = written('user-data');
  expect(userData).toMatch(/^#cloud-config\n/);
  expect(load(userData)).toMatchObject({
    hostname: 'lobby-2',
    timezone: 'Europe/Berlin',
    ssh_pwauth: false,
    users: [{ name: 'admin', lock_passwd: true, ssh_authorized_keys: [sshKey] }],
  });
  const { network } = load(written('network-config')) as { network: { wifis: { wlan0: object } } };
  expect(network.wifis.wlan0).toMatchObject({
    'regulatory-domain': 'DE',
    'access-points': { "Café's": { password: expect.stringMatching(wifiKey) } },
  });
  expect(load(written('meta-data'))).toMatchObject({ 'instance-id': expect.stringMatching(/^mien-[0-9a-f-]{36}$/) });
  const [, code] = /Claim code, also on its screen: ([A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4})\./.exec(run.stdout) ?? [];
  expect(load(written('mien/mien.yaml'))).toEqual({
    device: { name: 'Lobby_2' },
    dataDir: '/var/lib/mien',
    camera: { source: 'auto' },
    http: { host: '0.0.0.0', claimCode: code },
    mqtt: { url: 'mqtt://broker.local', username: 'lobby' },
  });
  expect(written('mien/mqtt-password')).toBe('broker secret\n');
  const others = readdirSync(card, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = others.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  expect(texts.filter((text) => text.includes('correct horse'))).toEqual([]);
});

test('a card of Raspberry Pi OS on Debian 12 runs a script once, and keeps its kernel arguments', async () => {
  const before = 'console=tty1 root=PARTUUID=1-02 rootwait systemd.run=/boot/old.sh';
  writeFileSync(join(card, 'cmdline.txt'), `${before}\n`);
  const run = await provision('--ssh-key', keys, '--no-claim', ...wifi);
  expect(load(written('mien/mien.yaml'))).not.toHaveProperty('http');
  expect([run.process.exitCode, run.stderr]).toEqual([0, '']);
  expect(written('cmdline.txt')).toBe(
    'console=tty1 root=PARTUUID=1-02 rootwait systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target\n',
  );
  const custom = '/usr/lib/raspberrypi-sys-mods/imager_custom';
  const script = written('firstrun.sh');
  expect(script).toContain(`${custom} set_hostname lobby-2\n${custom} enable_ssh -k '${sshKey}'\n`);
  expect(script).toMatch(/set_wlan 'Café'\\''s' [0-9a-f]{64} DE\n/);
  expect(script).toContain('systemctl enable mien-first-boot.service\n');
  expect(readdirSync(card)).not.toContain('user-data');
});

test.each([
  ['a card that is not there', ['--system', 'raspios-12'], exitCode.noInput, /without cmdline\.txt/],
  ['half of the wireless network', ['--wifi-ssid', 'x'], exitCode.usage, /--wifi-country together/],
  ['a public key that is none', ['--ssh-key', wifiPassword], exitCode.usage, /sshKeys\.0: expected a public key/],
  ['a host name with a dot', ['--hostname', 'a.b'], exitCode.usage, /hostname: expected lowercase letters/],
  ['a camera that is none', ['--mqtt-url', 'tcp://x'], exitCode.usage, /mqtt\.url/],
  ['a platform without a release', ['--arch', 'x64'], exitCode.badData, /is made for arm64/],
  ['a key of somebody else', ['--key', fileIn(scratch, 'none.pub', 'x')], exitCode.badData, /./],
])('%s is refused, and nothing is written', async (_what, more, code, message) => {
  const run = await provision(...more);
  expect(run.stderr).toMatch(message);
  expect(run.process.exitCode).toBe(code);
  expect(readdirSync(card)).toEqual([]);
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { packFolder } from '../release/archive.ts';
import { firstBootFiles } from './first-boot.ts';
import { bootMount, type Plan } from './plan.ts';

const run = promisify(execFile);
const scratch = scratchFolder();
const mirror = join(scratch, 'mirror');
const calls = join(scratch, 'calls');
const bin = join(scratch, 'bin');
const archive = 'mien-0.2.0-arm64.tar.gz';
const requests: string[] = [];

/** Serves the archive, and continues it. */
const server = createServer((request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  requests.push(`${request.url} from ${from}`);
  const bytes = readFileSync(join(mirror, request.url!));
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from > 0 ? 206 : 200, range).end(bytes.subarray(from));
}).listen(0, '127.0.0.1');
afterAll(() => server.close());

/** A program that notes how it was called, and fails where FAILS says so. */
function recorder(file: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  const note = `echo "$(basename "$0") $*" >>'${calls}'`;
  writeFileSync(file, `#!/bin/sh\n${note}\ncase "$FAILS" in *"$(basename "$0") $1"*) exit 1 ;; esac\n`);
  chmodSync(file, 0o755);
}

for (const name of ['apt-get', 'systemctl']) recorder(join(bin, name));
const curlArguments = join(scratch, 'curl-arguments');
const { stdout: curl } = await run('/bin/sh', ['-c', 'command -v curl']);
writeFileSync(join(bin, 'curl'), `#!/bin/sh\necho "$*" >'${curlArguments}'\nexec ${curl.trim()} "$@"\n`, {
  mode: 0o755,
});
const unpacked = join(scratch, 'mien-0.2.0');
recorder(join(unpacked, 'bin/mien'));
mkdirSync(mirror);
await packFolder(unpacked, join(mirror, archive), 1_767_225_600);
const sha256 = createHash('sha256')
  .update(readFileSync(join(mirror, archive)))
  .digest('hex');

let card: string;
let tries = 0;
beforeEach(() => {
  tries += 1;
  card = join(scratch, `card-${tries}`);
  writeFileSync(calls, '');
  requests.length = 0;
});

function plan(change: Partial<Plan> = {}): Plan {
  return {
    ...{ name: 'Lobby', hostname: 'lobby', user: 'admin', sshKeys: [], kiosk: 'cog', channel: 'stable' },
    ...{
      config: 'device:\n  name: Lobby\n',
      releaseKeys: 'a key\n',
      release: { version: '0.2.0', file: archive, sha256 },
    },
    mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ...change,
  };
}

/** Runs the program of the first boot, with the folders of this test instead of those of the board. */
async function firstBoot(change: Partial<Plan> = {}, fails = ''): Promise<string[]> {
  for (const [path, text] of Object.entries(firstBootFiles(plan(change)))) {
    mkdirSync(join(card, path, '..'), { recursive: true });
    writeFileSync(
      join(card, path),
      text.replaceAll(bootMount, card).replaceAll('/var/tmp', card).replaceAll('/opt', card),
    );
  }
  const env = { PATH: [bin, process.env.PATH].join(delimiter), FAILS: fails };
  await run('/bin/sh', [join(card, 'mien/first-boot.sh')], { env });
  return readFileSync(calls, 'utf8').trim().split('\n');
}

test('the first boot installs the release of the mirror, then forgets what was on the card', async () => {
  const lines = await firstBoot({ mqttPassword: "it's a secret" });
  const { mirror: from } = plan();
  const given = `--config ${card}/mien/mien.yaml --key ${card}/mien/release.pub --from ${from} --channel stable`;
  expect(lines).toEqual([
    'apt-get update',
    'apt-get install --yes --no-install-recommends ca-certificates curl cage xwayland cog',
    `mien install --yes --json ${given} --kiosk cog --mqtt-password-file ${card}/mien/mqtt-password`,
    'systemctl disable mien-first-boot.service',
  ]);
  expect(existsSync(join(card, 'mien'))).toBe(false);
  expect(existsSync(join(card, 'mien-first-boot'))).toBe(false);
});

test('a device without a screen gets no compositor', async () => {
  const lines = await firstBoot({ kiosk: 'none' });
  expect(lines[1]).toBe('apt-get install --yes --no-install-recommends ca-certificates curl');
  expect(lines[2]).toMatch(/ --kiosk none$/);
});

test('an archive with another checksum is not installed, and is fetched anew the next time', async () => {
  const wrong = { version: '0.2.0', file: archive, sha256: '0'.repeat(64) };
  await expect(firstBoot({ release: wrong })).rejects.toThrow(/has another checksum than 0{64}/);
  expect(readFileSync(calls, 'utf8')).not.toContain('mien install');
  expect(existsSync(join(card, 'mien-first-boot', archive))).toBe(false);
  expect(existsSync(join(card, 'mien/first-boot.sh'))).toBe(true);
});

test('a download that was cut goes on where it ended; a whole one is not fetched again', async () => {
  const bytes = readFileSync(join(mirror, archive));
  mkdirSync(join(card, 'mien-first-boot'), { recursive: true });
  writeFileSync(join(card, 'mien-first-boot', archive), bytes.subarray(0, 100));
  await firstBoot();
  expect(requests).toEqual([`/${archive} from 100`]);
  mkdirSync(join(card, 'mien-first-boot'), { recursive: true });
  cpSync(join(mirror, archive), join(card, 'mien-first-boot', archive));
  await firstBoot();
  expect(requests).toHaveLength(1);
});

/** The link that an installation makes. */
function use(version: string): void {
  mkdirSync(join(card, 'mien'), { recursive: true });
  symlinkSync(`releases/${version}`, join(card, 'mien/current'));
}

test('an installed release that does not work yet, such as one without a camera, is not installed again and again', async () => {
  use('0.2.0');
  const lines = await firstBoot({ mqttPassword: 'secret' }, 'mien install');
  expect(lines.slice(-2)).toEqual([
    'systemctl is-enabled --quiet mien-kiosk',
    'systemctl disable mien-first-boot.service',
  ]);
  expect(existsSync(join(card, 'mien/mqtt-password'))).toBe(false);
});

test.each([
  ['no release', undefined, 'mien install'],
  ['another release', '0.1.0', 'mien install'],
  ['a release that does not start at boot', '0.2.0', 'mien install, systemctl is-enabled'],
])('%s after a failed installation: it is repeated, and unpacks nothing again', async (_, version, fails) => {
  if (version !== undefined) use(version);
  await expect(firstBoot({ mqttPassword: 'secret' }, fails)).rejects.toThrow();
  expect(existsSync(join(card, 'mien/mqtt-password'))).toBe(true);
  const mark = join(card, 'mien-first-boot', `release-${sha256}`, 'mark');
  writeFileSync(mark, '');
  await expect(firstBoot({ mqttPassword: 'secret' }, fails)).rejects.toThrow();
  expect(existsSync(mark)).toBe(true);
});

test('the arguments of curl do not hold the address, which may have a login', async () => {
  await firstBoot();
  expect(readFileSync(curlArguments, 'utf8')).not.toContain('http');
  expect(requests).toEqual([`/${archive} from 0`]);
});

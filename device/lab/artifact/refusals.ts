import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError } from '../../core/errors.ts';
import { verifyArchive } from '../../install/verify/archive.ts';
import { chooseArtifact, type Device, readChannel } from '../../install/verify/channel.ts';
import { readPublicKeys } from '../../install/verify/minisign.ts';
import { readRelease } from '../../install/verify/release.ts';
import { publish } from '../../release/publish.ts';
import { writeKeyPair } from '../../release/sign.ts';
import type { Checks } from '../checks.ts';

const dayMs = 86_400_000;
const channel = 'stable';
const metadata = `mien-${channel}.json`;

interface Mirror {
  readonly folder: string;
  readonly keyFile: string;
  readonly publicKey: string;
}

/**
 * Serves the archive signed with a key of its own and asks what a device says to it: as it is, changed, too late, too old.
 *
 * @param scratch an empty folder on the disk of the archive
 * @param release the unpacked archive
 */
export async function checkRefusals(checks: Checks, archive: string, release: string, scratch: string): Promise<void> {
  const { version, versionFloor: floor, arch, released } = readRelease(release);
  const mirror = await layMirror(archive, scratch);
  const device: Device = { arch, now: Date.now(), installed: { version, floor } };
  const days = (count: number) => Date.parse(released) + count * dayMs;

  const accepted = await answerOf(mirror, device);
  checks.report(
    accepted === undefined,
    `the signed release is accepted${accepted === undefined ? '' : `: ${accepted}`}`,
  );
  const refused = async (what: string, reason: RegExp, changed: Partial<Device>) => {
    const answer = (await answerOf(mirror, { ...device, ...changed })) ?? 'it was accepted';
    checks.report(reason.test(answer), `${what} is refused: ${answer}`);
  };
  await refused('an older release', /is older than the installed 999\.0\.0/, {
    installed: { version: '999.0.0', floor },
  });
  await refused('a release below the floor', /the oldest version that may be installed/, {
    installed: { version, floor: '999.0.0' },
    mayGoBack: true,
  });
  await refused('an expired release', /expired at/, { now: days(400) });
  await refused('a release of the future', /The clock of this device/, { now: days(-400) });
  await refused('a release for another processor', /this device is riscv64/, { arch: 'riscv64' });

  changeByte(join(mirror.folder, basename(archive)));
  await refused('a changed archive', /it was damaged or changed/, {});
  const file = join(mirror.folder, metadata);
  writeFileSync(file, readFileSync(file, 'utf8').replace(`"${version}"`, '"999.0.0"'));
  await refused('changed metadata', /was changed after it was signed/, {});
  const other = await layMirror(archive, join(scratch, 'other'));
  copyFileSync(join(other.folder, metadata), file);
  copyFileSync(join(other.folder, `${metadata}.minisig`), `${file}.minisig`);
  await refused('a release signed by another key', /is signed with the key/, {});
}

/** The archive, described and signed for some days from now with a new key. */
async function layMirror(archive: string, scratch: string): Promise<Mirror> {
  const folder = join(scratch, 'mirror');
  mkdirSync(folder, { recursive: true });
  linkSync(archive, join(folder, basename(archive)));
  const keyFile = join(scratch, 'key');
  const publicKey = writeKeyPair(keyFile, `${keyFile}.pub`);
  await publish({ folder, channel, keyFile, now: Date.now(), days: 30 });
  return { folder, keyFile, publicKey };
}

/** What a device does before it installs a release. @returns why it refuses it, or undefined */
async function answerOf({ folder, publicKey }: Mirror, device: Device): Promise<string | undefined> {
  const file = join(folder, metadata);
  try {
    const signature = readFileSync(`${file}.minisig`, 'utf8');
    const read = readChannel(metadata, readFileSync(file), signature, readPublicKeys(publicKey));
    const artifact = chooseArtifact(read, device);
    await verifyArchive(join(folder, artifact.file), artifact);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

/** Changes one byte in the middle. The file is a link to the archive, so it becomes a copy first. */
function changeByte(file: string): void {
  const bytes = readFileSync(file);
  rmSync(file);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(file, bytes);
}

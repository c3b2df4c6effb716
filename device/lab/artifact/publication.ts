import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError } from '../../core/errors.ts';
import { verifyArchive } from '../../install/verify/archive.ts';
import type { Channel } from '../../install/verify/channel.ts';
import { publish } from '../../release/publish.ts';
import { writeKeyPair } from '../../release/sign.ts';
import type { Checks } from '../checks.ts';

/**
 * Publishes the archive with a key of its own, and compares it with its metadata: as it is, and with one byte changed.
 *
 * @param scratch an empty folder on the disk of the archive
 * @returns its metadata
 */
export async function checkPublication(checks: Checks, archive: string, scratch: string): Promise<Channel> {
  const folder = join(scratch, 'mirror');
  mkdirSync(folder);
  const copy = join(folder, basename(archive));
  linkSync(archive, copy);
  const keyFile = join(scratch, 'key');
  writeKeyPair(keyFile, `${keyFile}.pub`);
  const channel = await publish({ folder, channel: 'stable', keyFile, now: Date.now(), days: 30 });
  const answer = async () => {
    try {
      await verifyArchive(copy, channel.artifacts[0]!);
      return 'accepted';
    } catch (error) {
      return describeError(error);
    }
  };
  const whole = await answer();
  checks.report(whole === 'accepted', `the archive fits its signed metadata: ${whole}`);
  changeByte(copy);
  const changed = await answer();
  checks.report(/it was damaged or changed/.test(changed), `the archive with one byte changed: ${changed}`);
  return channel;
}

/** Changes one byte in the middle. The file is a link, so it becomes a copy first. */
function changeByte(file: string): void {
  const bytes = readFileSync(file);
  rmSync(file);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(file, bytes);
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyArchive } from '../install/verify/archive.ts';
import { chooseArtifact } from '../install/verify/channel.ts';
import type { Release } from '../install/verify/release.ts';
import { packFolder } from './archive.ts';
import { publish } from './publish.ts';
import { writeKeyPair } from './sign.ts';

const base = mkdtempSync(join(tmpdir(), 'mien-publish-'));
const keyFile = join(base, 'a.key');
writeKeyPair(keyFile, `${keyFile}.pub`);
const released = '2026-11-30T12:00:00.000Z';
const now = Date.parse('2026-12-01T00:00:00Z');

async function archive(out: string, changes: Partial<Release>): Promise<void> {
  const release: Release = {
    ...({ name: 'mien', version: '1.4.0', arch: 'x64', versionFloor: '1.2.0', commit: 'c1', released } as const),
    ...{ expires: '2027-05-29T12:00:00.000Z', node: '20.20.2', glibc: '2.35', unpackedBytes: 1000 },
    ...changes,
  };
  const folder = join(mkdtempSync(join(base, 'tree-')), `mien-${release.version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'release.json'), JSON.stringify(release));
  mkdirSync(out, { recursive: true });
  await packFolder(folder, join(out, `mien-${release.version}-${release.arch}.tar.gz`), 0);
}

test('the archives of a folder are described and signed, and a device accepts them', async () => {
  const folder = join(base, 'out');
  await archive(folder, {});
  await archive(folder, { arch: 'arm64' });
  const channel = await publish({ folder, channel: 'stable', keyFile, now });
  expect(channel).toMatchObject({
    version: '1.4.0',
    floor: '1.2.0',
    signed: released,
    expires: '2027-05-29T12:00:00.000Z',
  });
  const chosen = chooseArtifact(channel, { arch: 'arm64', now });
  await verifyArchive(join(folder, chosen.file), chosen);
  const sums = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
  expect(sums).toBe('mien-1.4.0-arm64.tar.gz: OK\nmien-1.4.0-x64.tar.gz: OK\n');
  const before = readFileSync(join(folder, 'mien-stable.json'), 'utf8');
  await publish({ folder, channel: 'stable', keyFile, now: now + 1 });
  expect(readFileSync(join(folder, 'mien-stable.json'), 'utf8')).toBe(before);
  expect(await publish({ folder, channel: 'beta', keyFile, now, days: 7 })).toMatchObject({
    channel: 'beta',
    signed: '2026-12-01T00:00:00.000Z',
    expires: '2026-12-08T00:00:00.000Z',
  });
});

test('archives of different commits are refused, and an empty folder too', async () => {
  const folder = join(base, 'mixed');
  await archive(folder, {});
  await archive(folder, { arch: 'arm64', commit: 'c2' });
  await expect(publish({ folder, channel: 'stable', keyFile, now })).rejects.toThrow(
    `expected archives of one commit in ${folder}, got mien-1.4.0-arm64.tar.gz, mien-1.4.0-x64.tar.gz`,
  );
  const empty = join(base, 'empty');
  mkdirSync(empty);
  await expect(publish({ folder: empty, channel: 'stable', keyFile, now })).rejects.toThrow('got none');
});

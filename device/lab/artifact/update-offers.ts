import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '../../install/verify/channel.ts';
import { readSecretKey, type SecretKey, signatureOf, writeKeyPair } from '../../release/sign.ts';
import type { Checks } from '../checks.ts';
import type { CleanRoot } from './clean-root.ts';
import { lastLine } from './must-run.ts';

const inside = '/mnt/offers';
const metadata = 'mien-stable.json';
const dayMs = 86_400_000;
const newer = '999.0.0';

interface Offer {
  readonly name: string;
  /** Differs from the archive's own metadata. */
  readonly changes: Partial<Channel>;
  /** What the device must answer. */
  readonly answer: RegExp;
  /** Written over the signed text. */
  readonly afterwards?: (text: string) => string;
  readonly key?: 'foreign';
}

const iso = (days: number) => new Date(Date.now() + days * dayMs).toISOString();
const offers: readonly Offer[] = [
  { name: 'a newer release', changes: { version: newer }, answer: /Mien 999\.0\.0 is available/ },
  { name: 'the same release', changes: {}, answer: /is the newest/ },
  { name: 'an older release', changes: { version: '0.0.1' }, answer: /is older than the installed/ },
  {
    name: 'an expired release',
    changes: { version: newer, signed: iso(-40), expires: iso(-10) },
    answer: /expired at/,
  },
  { name: 'a release of the future', changes: { version: newer, signed: iso(3) }, answer: /The clock of this device/ },
  {
    name: 'a release below the floor',
    changes: { version: newer, floor: '999.1.0' },
    answer: /the oldest version that may be installed/,
  },
  {
    name: 'changed metadata',
    changes: { version: newer },
    answer: /was changed after it was signed/,
    afterwards: (text) => text.replace(newer, '999.0.1'),
  },
  {
    name: "another publisher's release",
    changes: { version: newer },
    answer: /is signed with the key/,
    key: 'foreign',
  },
];

/**
 * Lays metadata as mirrors serve it, and the key that the device trusts.
 *
 * @param scratch an empty folder
 * @param original of the archive
 * @returns files and folders by their path in the root
 */
export function layOffers(scratch: string, original: Channel): Readonly<Record<string, string>> {
  const makeKey = (name: string) => {
    const file = join(scratch, name);
    writeKeyPair(file, `${file}.pub`);
    return readSecretKey(file);
  };
  const [own, foreign] = [makeKey('own-key'), makeKey('foreign-key')];
  for (const [index, offer] of offers.entries()) {
    layOffer(join(scratch, String(index)), original, offer, offer.key === 'foreign' ? foreign : own);
  }
  return { [inside]: scratch, '/etc/mien/release.pub': join(scratch, 'own-key.pub') };
}

function layOffer(folder: string, original: Channel, { changes, afterwards }: Offer, key: SecretKey): void {
  mkdirSync(folder);
  const fresh = { floor: '0.0.0', signed: iso(-1), expires: iso(30) };
  const text = JSON.stringify({ ...original, ...fresh, ...changes });
  writeFileSync(join(folder, `${metadata}.minisig`), signatureOf(Buffer.from(text), 'offer', key));
  writeFileSync(join(folder, metadata), afterwards?.(text) ?? text);
}

/** Asks the release itself what it says to each offer. */
export async function checkOffers(checks: Checks, root: CleanRoot, name: string): Promise<void> {
  for (const [index, offer] of offers.entries()) {
    const { stdout, stderr } = await root.mien('update', '--check', '--json', '--from', join(inside, String(index)));
    const answer = reasonIn(stdout) ?? lastLine(stderr);
    checks.report(offer.answer.test(answer), `${name}: mien update --check: ${offer.name}: ${answer}`);
  }
}

function reasonIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { reason?: string }).reason;
  } catch {
    return undefined;
  }
}

import { gt, lt, valid } from 'semver';
import { z } from 'zod';
import { exitCode, MienError } from '../../core/errors.ts';
import { type PublicKey, verifySignature } from './minisign.ts';

const version = z.string().refine((text) => valid(text) === text, 'expected a version such as 1.2.0');

/** An archive of a release. */
const artifact = z.strictObject({
  arch: z.enum(['x64', 'arm64']),
  /** A name without a folder, below the address of the channel. */
  file: z.string().regex(/^[\w.+-]+\.tar\.gz$/),
  /** Size of the archive. */
  bytes: z.int().positive(),
  /** Size of its files on the disk. */
  unpackedBytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * `mien-<channel>.json`: the newest release of a channel. It is signed separately from the archives and for a limited time, so
 * that a mirror that serves an old release is noticed.
 */
const channelSchema = z.strictObject({
  schema: z.literal(1),
  channel: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version,
  /** The oldest version that may still be installed. */
  floor: version,
  /** ISO 8601, UTC. */
  signed: z.iso.datetime(),
  expires: z.iso.datetime(),
  artifacts: z.array(artifact).min(1),
});

export type Artifact = z.infer<typeof artifact>;
export type Channel = z.infer<typeof channelSchema>;

/** The device that a release is meant for. */
export interface Device {
  /** `process.arch` */
  readonly arch: string;
  /** Wall clock, ms. */
  readonly now: number;
  /** What is installed; undefined on a new device. */
  readonly installed?: { readonly version: string; readonly floor: string };
  /** Whether an older version than the installed one may be installed: a rollback by hand. Floors hold all the same. */
  readonly mayGoBack?: boolean;
}

/** Reads the metadata of a channel. @throws MienError if its signature does not hold or it has another form */
export function readChannel(name: string, bytes: Buffer, signature: string, keys: readonly PublicKey[]): Channel {
  verifySignature(name, bytes, signature, keys);
  const parsed = channelSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MienError(`${name}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`, {
    code: exitCode.badData,
    remedy: 'It may be of a newer Mien: update in steps, or ask its publisher',
  });
}

/** The archive for this device. @throws MienError with the reason if this device must not install it */
export function chooseArtifact(channel: Channel, device: Device): Artifact {
  refuseOutdated(channel, device);
  refuseOlder(channel, device);
  const found = channel.artifacts.find(({ arch }) => arch === device.arch);
  if (found) return found;
  throw refusal(
    `Mien ${channel.version} is made for ${channel.artifacts.map(({ arch }) => arch).join(' and ')}, this device is ${device.arch}`,
    'Use a device of such a kind, or ask the publisher for an archive',
  );
}

function refuseOutdated({ version, signed, expires }: Channel, { now }: Device): void {
  // A day of tolerance: a device without a real-time clock may be some hours behind until it reaches a time server.
  if (now < Date.parse(signed) - 86_400_000) {
    throw refusal(
      `The clock of this device (${isoDay(now)}) is before the day on which Mien ${version} was signed (${signed})`,
      'Set the clock or connect a time server (timedatectl), then start again',
    );
  }
  if (now <= Date.parse(expires)) return;
  throw refusal(
    `The metadata of Mien ${version} expired at ${expires}, it is ${isoDay(now)}`,
    'The mirror no longer follows its publisher, or the publisher stopped signing: update the mirror, or check the clock',
  );
}

function refuseOlder({ version, floor }: Channel, { installed, mayGoBack }: Device): void {
  const lowest = installed && gt(installed.floor, floor) ? installed.floor : floor;
  if (lt(version, lowest)) {
    throw refusal(
      `Mien ${version} is older than ${lowest}, the oldest version that may be installed`,
      'Take a newer release: older ones have faults that matter for security or for the data',
    );
  }
  if (installed && !mayGoBack && lt(version, installed.version)) {
    throw refusal(
      `Mien ${version} is older than the installed ${installed.version}`,
      'Go back with "mien rollback", or check why the mirror serves an old release',
    );
  }
}

function refusal(message: string, remedy: string): MienError {
  return new MienError(message, { code: exitCode.badData, remedy });
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined; // The schema refuses it, with a message.
  }
}

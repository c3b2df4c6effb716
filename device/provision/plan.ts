import { randomInt } from 'node:crypto';
import { z } from 'zod';

const oneLine = /^[^\p{Cc}]*$/u;
const text = (max: number) => z.string().min(1).max(max).regex(oneLine, 'text in one line');
const publicKey = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d{3}|sk-[\w@.-]+) [A-Za-z0-9+/]+={0,3}( [^\p{Cc}]*)?$/u;

/** What a card is made for. Every value ends in a file that a shell or a YAML parser of the device reads as root. */
export const planSchema = z.strictObject({
  /** device.name */
  name: z.string(),
  hostname: z
    .string()
    .regex(/^(?!-)[a-z0-9-]{1,63}(?<!-)$/, 'lowercase letters, digits and -, such as lobby-1')
    .describe('--hostname'),
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name of Linux, such as admin'),
  /** Public keys that may log in as this user. */
  sshKeys: z.array(z.string().regex(publicKey, 'a public key of SSH, such as the line in ~/.ssh/id_ed25519.pub')),
  wifi: z
    .strictObject({
      ssid: text(32),
      password: z.string().regex(/^[\x20-\x7e]{8,63}$/, 'a password of 8 to 63 characters'),
      country: z.string().regex(/^[A-Z]{2}$/, 'a country of two letters, such as DE'),
    })
    .optional(),
  timezone: z
    .string()
    .regex(/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/, 'a time zone, such as Europe/Berlin')
    .optional(),
  kiosk: z.enum(['cog', 'chromium', 'none']),
  mirror: z
    .url({ protocol: /^https?$/, error: 'an address such as https://mirror.example.org/mien/' })
    .refine((url) => url.endsWith('/'), 'an address that ends with /'),
  channel: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a name such as stable'),
  /** The archive that the first boot installs. */
  release: z.strictObject({
    version: z.string(),
    file: z.string().regex(/^[\w.+-]+\.tar\.gz$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** Trusted keys of minisign. */
  releaseKeys: z.string(),
  /** Content of /etc/mien/mien.yaml. */
  config: z.string(),
  mqttPassword: text(65_535).optional(),
  /** http.claimCode of the configuration */
  claimCode: z.string().optional(),
});

/** @see planSchema */
export type Plan = z.infer<typeof planSchema>;

/** Letters and digits that do not look alike. */
const codeLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A new claim code of 40 bits (http.claimCode). */
export function makeClaimCode(): string {
  const letters = Array.from({ length: 8 }, () => codeLetters[randomInt(codeLetters.length)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** Files of the boot partition, by their paths. */
export type CardFiles = Readonly<Record<string, string>>;

/** Folder on the boot partition with what the first boot needs, and where Raspberry Pi OS and Ubuntu mount that partition. */
export const cardFolder = 'mien';
export const bootMount = '/boot/firmware';

/** A word of a shell script. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

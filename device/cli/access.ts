import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { hostName } from '../config/access.ts';
import { whyWeak } from '../config/password.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { makeLinkCode } from '../http/auth/links.ts';
import { hashPassword, makeToken } from '../http/auth/secrets.ts';
import { findRunning, type RunningDaemon } from '../ops/running.ts';
import { readSecret } from './access/secret.ts';
import { makeSelfSigned, maxDays, ownNames } from './access/self-signed.ts';
import { type CliOptions, configOf, configOptions } from './options.ts';

/** `mien access password | token | link | certificate` */
export function accessCommand(): Command {
  return new Command('access')
    .description('Make credentials for people and programs: a password, a token, a login link, a certificate.')
    .addCommand(passwordCommand())
    .addCommand(tokenCommand())
    .addCommand(linkCommand())
    .addCommand(certificateCommand());
}

function passwordCommand(): Command {
  return new Command('password')
    .description('Ask for a password (or read a line from standard input) and print its hash for http.passwordHash.')
    .action(async () => {
      const password = await readSecret('Password of the operator: ');
      const weakness = whyWeak(password);
      if (weakness !== undefined) {
        throw new MienError(`Password: ${weakness}`, {
          code: exitCode.badData,
          remedy: 'Use a longer one, e.g. some unrelated words',
        });
      }
      if (process.stdin.isTTY && (await readSecret('Again: ')) !== password) {
        throw new MienError('The two passwords differ', { code: exitCode.badData, remedy: 'Try again' });
      }
      process.stdout.write(`${await hashPassword(password)}\n`);
      hint('Set it as http.passwordHash in mien.yaml, or as MIEN_HTTP_PASSWORD_HASH, and restart Mien.');
    });
}

function tokenCommand(): Command {
  return new Command('token').description('Print a new random token for http.token or http.viewerToken.').action(() => {
    process.stdout.write(`${makeToken()}\n`);
    hint('Set it as http.token (MIEN_HTTP_TOKEN) for operators, or as http.viewerToken for viewers, and restart Mien.');
    hint('Programs send it as: Authorization: Bearer TOKEN');
  });
}

function linkCommand(): Command {
  return configOptions(new Command('link'))
    .description('Print a login link to the admin page of the running Mien. It works once, within ten minutes.')
    .action(async (options: CliOptions) => {
      const daemon = findRunning(configOf(options).dataDir);
      await checkAnswers(daemon);
      process.stdout.write(`${loginLink(daemon)}\n`);
    });
}

function certificateCommand(): Command {
  return new Command('certificate')
    .description('Write a self-signed certificate for HTTPS, mien-cert.pem and mien-key.pem (made by openssl).')
    .argument('[folder]', 'target folder', '.')
    .option('--name <name>', 'additional name or address of this device; may be repeated', collectName)
    .option('--days <days>', `validity in days, 1 to ${maxDays}`, days, maxDays)
    .action(async (folder: string, options: { name?: readonly string[]; days: number }) => {
      const cert = join(resolve(folder), 'mien-cert.pem');
      const key = join(resolve(folder), 'mien-key.pem');
      const names = [...new Set([...(options.name ?? []), ...ownNames()])];
      await makeSelfSigned({ cert, key, names, days: options.days });
      const { fingerprint256, validTo } = new X509Certificate(readFileSync(cert));
      process.stdout.write(
        [
          `Certificate  ${cert}`,
          `Key          ${key}`,
          `For          ${names.join(', ')}`,
          `Valid until  ${new Date(validTo).toISOString().slice(0, 10)}`,
          `SHA-256      ${fingerprint256}`,
          '',
        ].join('\n'),
      );
      hint('Set them as http.tls.cert and http.tls.key, and restart Mien. Browsers warn once: compare the SHA-256.');
    });
}

/** The code follows the `#`: browsers do not send that part to a server, so no server logs it. */
export function loginLink({ url, linkKey }: RunningDaemon): string {
  return `${url}/login#link=${makeLinkCode(linkKey, Date.now())}`;
}

/** Checks that the daemon answers: a killed one leaves its file behind. */
async function checkAnswers({ origin }: RunningDaemon): Promise<void> {
  try {
    await (await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(5000) })).arrayBuffer();
  } catch (error) {
    throw new MienError(`Mien does not answer at ${origin}`, {
      code: exitCode.unavailable,
      remedy: 'Start it (mien run) and try again',
      cause: error,
    });
  }
}

/** Writes to stderr, so that stdout holds the result only. */
function hint(text: string): void {
  process.stderr.write(`${text}\n`);
}

function collectName(value: string, previous: readonly string[] = []): string[] {
  if (!hostName.safeParse(value).success) throw new InvalidArgumentError('Expected a host name or an address.');
  return [...previous, value.replace(/^\[(.*)\]$/, '$1')];
}

function days(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= maxDays) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${maxDays}.`);
}

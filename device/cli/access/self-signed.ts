import { existsSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { exitCode, MienError } from '../../core/errors.ts';
import { runProgram } from '../../core/run-program.ts';

/** Browsers refuse certificates that are valid for longer. */
export const longestDays = 825;

/** By which names and addresses this device is reached, as far as it knows. */
export function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list);
  const reachable = addresses.filter(({ address }) => !address.startsWith('fe80:'));
  // What a shell script called its machine may be no name that a certificate can hold.
  const own = /^[A-Za-z0-9-]+$/.test(hostname()) ? [hostname(), `${hostname()}.local`] : [];
  return [...new Set([...own, 'localhost', ...reachable.map(({ address }) => address)])];
}

/**
 * Writes a self-signed certificate and its key, made by the system's openssl.
 *
 * @throws MienError (`cannotWrite`) where a file is there already or cannot be written, (`unavailable`) without openssl.
 */
export async function makeSelfSigned(options: {
  readonly cert: string;
  readonly key: string;
  readonly names: readonly string[];
  readonly days: number;
}): Promise<void> {
  const { cert, key, names, days } = options;
  const taken = [cert, key].find((file) => existsSync(file));
  if (taken !== undefined) {
    throw new MienError(`Cannot write ${taken}: it is there already`, {
      code: exitCode.cannotWrite,
      remedy: 'Name another folder, or remove it to make a new one',
    });
  }
  // openssl writes the key readable for its user only.
  const result = await runProgram(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha256', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', String(days), '-subj', `/CN=${names[0]}`],
      ...['-addext', `subjectAltName=${names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',')}`],
      ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'],
    ],
    20_000,
  );
  if (result.code === 0) return;
  for (const file of [cert, key]) rmSync(file, { force: true });
  const isMissing = result.code === undefined && result.signal === undefined;
  throw new MienError(isMissing ? 'openssl is not there' : `openssl failed: ${lastLine(result.stderr)}`, {
    code: exitCode.unavailable,
    remedy: isMissing ? 'Install it: sudo apt-get install openssl' : 'Check the folder and the names',
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'no reason given';
}

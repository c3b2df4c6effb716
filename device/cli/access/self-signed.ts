import { existsSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { exitCode, MienError } from '../../core/errors.ts';
import { networkAddresses } from '../../core/network-addresses.ts';
import { runProgram } from '../../core/run-program.ts';

/** Maximum validity that browsers accept. */
export const maxDays = 825;

/** The known names and addresses of this device. */
export function ownNames(): readonly string[] {
  const reachable = networkAddresses().filter(({ address }) => !address.startsWith('fe80:'));
  // A host name may contain characters that a certificate does not allow.
  const own = /^[A-Za-z0-9-]+$/.test(hostname()) ? [hostname(), `${hostname()}.local`] : [];
  return [...new Set([...own, 'localhost', ...reachable.map(({ address }) => address)])];
}

/**
 * Writes a self-signed certificate and its key, made by the system's openssl.
 *
 * @throws MienError (`cannotWrite`) if a file exists or cannot be written, (`unavailable`) without openssl
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
    throw new MienError(`Cannot write ${taken}: it already exists`, {
      code: exitCode.cannotWrite,
      remedy: 'Name another folder, or remove the file',
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
  throw new MienError(isMissing ? 'openssl is not installed' : `openssl failed: ${lastLine(result.stderr)}`, {
    code: exitCode.unavailable,
    remedy: isMissing ? 'Install it: sudo apt-get install openssl' : 'Check the folder and the names',
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'no reason given';
}

import { statSync } from 'node:fs';
import { isExposed } from '../../config/access.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { secretFileIn } from '../../config/secret-files.ts';
import { settings } from '../../config/settings.ts';
import { MienError } from '../../core/errors.ts';
import { isCostly, isPassword } from '../../http/auth/secrets.ts';
import { readCertificate } from '../../http/server/certificate.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const day = 86_400_000;
/** The first guesses of an attacker. `mien access password` refuses these; another tool may have hashed one. */
const firstGuesses = ['mien', 'admin', 'password', '1234567890'];

/** Checks who can reach the pages and the picture, and the protection: certificate, password, file permissions. */
export async function checkAccess(loaded: LoadedConfig, now = Date.now()): Promise<readonly Finding[]> {
  const { http, device } = loaded.config;
  return [
    checkReach(http),
    ...(http.tls.cert === undefined ? [] : [checkCertificate(http.tls, now)]),
    ...(http.passwordHash === undefined ? [] : [await checkPassword(http.passwordHash, device.name)]),
    ...checkSecrecy(loaded),
  ];
}

function checkReach({ host, passwordHash, claimCode, token, viewerToken, tls }: Config['http']): Finding {
  const part = 'access';
  if (!isExposed(host)) return ok(part, `${host}: this device only`);
  const needs = [
    ...(passwordHash === undefined ? [] : ['the password']),
    ...(claimCode === undefined || passwordHash !== undefined ? [] : ['the claim code, or the password set with it']),
    ...(token === undefined && viewerToken === undefined ? [] : ['a token']),
  ].join(' or ');
  if (tls.cert !== undefined) return ok(part, `${host}: the network, encrypted, with ${needs}`);
  return warn(
    part,
    `${host}: the network, with ${needs}, but passwords and pictures pass it unencrypted`,
    'Set http.tls.cert and http.tls.key (mien access certificate), or put an HTTPS proxy in front',
  );
}

function checkCertificate({ cert, key }: Config['http']['tls'], now: number): Finding {
  const part = 'certificate';
  try {
    const { expires, names } = readCertificate({ cert: cert!, key: key! });
    const until = expires.toISOString().slice(0, 10);
    const renew = 'Renew it; Mien uses the new files without a restart';
    if (expires.getTime() < now) return fail(part, `${cert} expired on ${until}`, renew);
    if (isReadableByAll(key!)) return warn(part, `every user of this device can read ${key}`, `Run: chmod 600 ${key}`);
    if (expires.getTime() < now + 21 * day) return warn(part, `${cert} expires soon, on ${until}`, renew);
    return ok(part, `for ${names}, valid until ${until}`);
  } catch (error) {
    if (error instanceof MienError) return fail(part, error.message, error.remedy);
    throw error;
  }
}

async function checkPassword(hash: string, deviceName: string): Promise<Finding> {
  const part = 'password';
  const remedy = 'Make a better one: mien access password';
  for (const guess of [...firstGuesses, deviceName]) {
    if (await isPassword(guess, hash))
      return fail(part, 'the password is one of the first guesses of an attacker', remedy);
  }
  if (!isCostly(hash)) return warn(part, 'the cost of its hash is too low', remedy);
  return ok(part, 'set, and not one of the most common passwords');
}

/** Files with secrets must be readable for their owner and group only. */
function checkSecrecy({ config, file, sources }: LoadedConfig): readonly Finding[] {
  const secrets = settings.filter(({ secret }) => secret);
  const inFile = secrets.filter(({ path }) => file !== undefined && sources.get(path) === file);
  const own = secrets.map((setting) => [setting.path, secretFileIn(setting, sources.get(setting.path))] as const);
  const all = [
    [inFile.map(({ path }) => path).join(', '), inFile.length > 0 ? file : undefined] as const,
    ...own,
    ['mqtt.tls.key', config.mqtt.tls.key] as const,
  ];
  return all.flatMap(([names, at]) =>
    at !== undefined && isReadableByAll(at)
      ? [warn('secrets', `every user of this device can read ${names} in ${at}`, `Run: chmod 640 ${at}`)]
      : [],
  );
}

function isReadableByAll(file: string): boolean {
  return ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o004) !== 0;
}

import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { exitCode, MienError } from '../core/errors.ts';
import { globallySigned, idOf } from '../install/verify/minisign.ts';

/** A secret key of minisign without a password (`minisign -G -W`). */
export interface SecretKey {
  /** 8 bytes. */
  readonly id: Buffer;
  /** Ed25519, 32 bytes. */
  readonly seed: Buffer;
  /** Ed25519, 32 bytes. */
  readonly publicBytes: Buffer;
}

/** Offsets in the secret key: algorithm, key derivation, checksum's algorithm, salt and limits; then id, seed, public key. */
const idAt = 54;
const seedAt = 62;
const publicAt = 94;
const secretBytes = 158;
const noDerivation = '\0\0';

/** Writes a new key pair, as `minisign -G -W` does. Existing files are never replaced. */
export function writeKeyPair(secretFile: string, publicFile: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const key = { id: randomBytes(8), seed: Buffer.from(d, 'base64url'), publicBytes: Buffer.from(x, 'base64url') };
  const head = Buffer.concat([Buffer.from(`Ed${noDerivation}B2`, 'latin1'), Buffer.alloc(48)]);
  const secret = Buffer.concat([head, key.id, key.seed, key.publicBytes, Buffer.alloc(32)]);
  try {
    writeFileSync(secretFile, `untrusted comment: minisign encrypted secret key\n${secret.toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
    writeFileSync(publicFile, publicKeyText(key), { flag: 'wx' });
  } catch (cause) {
    throw new MienError(`a key cannot be written: ${(cause as Error).message}`, {
      code: exitCode.cannotWrite,
      remedy: 'Choose a name that no file has yet: a lost key cannot be made again',
      cause,
    });
  }
  return publicKeyText(key);
}

export function readSecretKey(file: string): SecretKey {
  const bytes = Buffer.from(readText(file).trim().split('\n').at(-1) ?? '', 'base64');
  if (bytes.length !== secretBytes || bytes.toString('latin1', 0, 2) !== 'Ed') {
    throw new MienError(`expected ${file} to be a secret key of minisign, got something else`, {
      code: exitCode.badData,
      remedy: 'Make one: npm run package -- keygen FILE',
    });
  }
  if (bytes.toString('latin1', 2, 4) !== noDerivation) {
    throw new MienError(`expected ${file} to be a key without a password, got one with a password`, {
      code: exitCode.badData,
      remedy: `Sign with minisign itself, or remove the password: minisign -C -W -s ${file}`,
    });
  }
  return {
    id: bytes.subarray(idAt, seedAt),
    seed: bytes.subarray(seedAt, publicAt),
    publicBytes: bytes.subarray(publicAt, publicAt + 32),
  };
}

/** The content of the public key file. */
export function publicKeyText({ id, publicBytes }: Pick<SecretKey, 'id' | 'publicBytes'>): string {
  const bytes = Buffer.concat([Buffer.from('Ed'), id, publicBytes]);
  return `untrusted comment: minisign public key ${idOf(bytes)}\n${bytes.toString('base64')}\n`;
}

/** The content of the `.minisig` file: prehashed, as minisign signs since 0.8. */
export function signatureOf(message: Buffer, comment: string, { id, seed, publicBytes }: SecretKey): string {
  const key = createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: publicBytes.toString('base64url') },
    format: 'jwk',
  });
  const signature = sign(null, createHash('blake2b512').update(message).digest(), key);
  const global = sign(null, globallySigned(signature, comment), key);
  return [
    'untrusted comment: signature of Mien',
    Buffer.concat([Buffer.from('ED'), id, signature]).toString('base64'),
    `trusted comment: ${comment}`,
    global.toString('base64'),
    '',
  ].join('\n');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MienError(`the key ${file} cannot be read`, {
      code: exitCode.noInput,
      remedy: 'Check its path; to make one: npm run package -- keygen FILE',
      cause,
    });
  }
}

import { createHash, createPublicKey, verify } from 'node:crypto';
import { exitCode, MienError } from '../../core/errors.ts';

/** A public key of minisign, https://jedisct1.github.io/minisign/. */
export interface PublicKey {
  /** 8 bytes in hexadecimal digits; a signature names its key by it. */
  readonly id: string;
  /** Ed25519, 32 bytes. */
  readonly bytes: Buffer;
}

/** Ed25519 of the message itself, and of its BLAKE2b-512 hash, which minisign makes since 0.8. */
const algorithms = { Ed: 'plain', ED: 'hashed' } as const;

const commentPrefix = 'trusted comment: ';

/** Reads a public key: the file that minisign writes, or its second line. @throws MienError with what was expected */
export function readPublicKey(text: string): PublicKey {
  const bytes = Buffer.from(text.trim().split('\n').at(-1) ?? '', 'base64');
  if (bytes.length === 42 && bytes.toString('latin1', 0, 2) === 'Ed')
    return { id: idOf(bytes), bytes: bytes.subarray(10) };
  throw new MienError(
    `expected a public key of minisign (56 characters, RW...), got ${JSON.stringify(text.slice(0, 60))}`,
    {
      code: exitCode.badData,
      remedy: 'Copy the line that begins with RW from the publisher of the release',
    },
  );
}

/** Reads the keys of a file, one or more: while a key is replaced, a release trusts the old one and the new one. */
export function readPublicKeys(text: string): readonly PublicKey[] {
  const lines = text.trim().split('\n');
  return lines.filter((line) => !line.startsWith('untrusted comment:')).map(readPublicKey);
}

/**
 * Verifies a signature of minisign against the trusted keys.
 *
 * @param name of what is signed, for messages
 * @param signature the text of the `.minisig` file
 * @returns the trusted comment, which is signed too
 * @throws MienError that says why the signature does not hold
 */
export function verifySignature(name: string, message: Buffer, signature: string, keys: readonly PublicKey[]): string {
  const { kind, id, bytes, comment, global } = readSignature(name, signature);
  const key = keys.find((each) => each.id === id);
  if (key === undefined) {
    throw new MienError(
      `${name} is signed with the key ${id}, but trusted ${keys.length === 1 ? 'is' : 'are'} ${keys.map((each) => each.id).join(', ') || 'none'}`,
      { code: exitCode.badData, remedy: 'Take the release from its publisher, or trust that key if it is theirs' },
    );
  }
  const signed = kind === 'hashed' ? createHash('blake2b512').update(message).digest() : message;
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: key.bytes.toString('base64url') },
    format: 'jwk',
  });
  if (!verify(null, signed, publicKey, bytes) || !verify(null, globallySigned(bytes, comment), publicKey, global)) {
    throw new MienError(`${name} does not match its signature: it was changed after it was signed`, {
      code: exitCode.badData,
      remedy: 'Download it again; if it stays so, do not install it and tell its publisher',
    });
  }
  return comment;
}

/** The second signature of minisign covers the first one and the trusted comment. */
export function globallySigned(signature: Buffer, comment: string): Buffer {
  return Buffer.concat([signature, Buffer.from(comment)]);
}

/** @param bytes of a key or a signature: its algorithm, then its id, little-endian */
export function idOf(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(2, 10)).reverse().toString('hex').toUpperCase();
}

function readSignature(name: string, text: string) {
  const [, first = '', commentLine = '', second = ''] = text.split('\n');
  const bytes = Buffer.from(first, 'base64');
  const global = Buffer.from(second, 'base64');
  const kind = (algorithms as Record<string, 'plain' | 'hashed'>)[bytes.toString('latin1', 0, 2)];
  if (kind === undefined || bytes.length !== 74 || global.length !== 64 || !commentLine.startsWith(commentPrefix)) {
    throw new MienError(`expected a signature of minisign beside ${name}, got ${JSON.stringify(text.slice(0, 60))}`, {
      code: exitCode.badData,
      remedy: `Download ${name} and its .minisig again`,
    });
  }
  return { kind, id: idOf(bytes), bytes: bytes.subarray(10), comment: commentLine.slice(commentPrefix.length), global };
}

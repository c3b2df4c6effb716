import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describeError, exitCode, MienError } from './errors.ts';
import { readSmallFile } from './small-file.ts';

/** Far above the size of a bundle of all public authorities (about 250 kB). */
const maxBytes = 1_000_000;

/** A setting that names a PEM file. */
export interface PemFile {
  /** `mqtt.tls.cert` */
  readonly setting: string;
  readonly file: string;
  /** The repair, for the message of an error. */
  readonly remedy: string;
}

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The first certificate of the file. */
  readonly parsed: X509Certificate;
}

/**
 * Reads a certificate (with its chain) and its private key.
 *
 * @throws MienError (`config`) if a file cannot be read, is malformed, or if the key does not belong to the certificate
 */
export function readKeyPair(certFile: PemFile, keyFile: PemFile): KeyPair {
  const { cert, parsed } = readCertificates(certFile);
  const key = read(keyFile);
  attempt(keyFile, 'a private key in PEM form without a passphrase', () => createSecureContext({ key }));
  attempt(keyFile, `the key of ${certFile.file}`, () => createSecureContext({ cert, key }));
  return { cert, key, parsed };
}

/**
 * Reads one or more certificates.
 *
 * @throws MienError (`config`) if the file cannot be read or has no certificate
 */
export function readCertificates(from: PemFile): Pick<KeyPair, 'cert' | 'parsed'> {
  const cert = read(from);
  const parsed = attempt(from, 'a certificate in PEM form', () => new X509Certificate(cert));
  return { cert, parsed };
}

function read(from: PemFile): Buffer {
  return attempt(from, 'a file that can be read', () => readSmallFile(from.file, maxBytes));
}

function attempt<T>({ setting, file, remedy }: PemFile, expected: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new MienError(`${setting}: expected ${expected}, got ${file} (${describeError(error)})`, {
      code: exitCode.config,
      remedy,
      cause: error,
    });
  }
}

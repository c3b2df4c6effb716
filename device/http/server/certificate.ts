import { unwatchFile, watchFile } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { readKeyPair } from '../../core/pem.ts';

export interface CertificateFiles {
  /** PEM file of the certificate, followed by its chain. */
  readonly cert: string;
  /** PEM file of its private key. */
  readonly key: string;
}

export interface Certificate {
  readonly options: SecureContextOptions;
  readonly expires: Date;
  /** Names in the certificate: `DNS:lobby, IP Address:192.168.1.5`. */
  readonly names: string;
}

/**
 * Reads a certificate and its key.
 *
 * @throws MienError (`config`) if a file cannot be read, is malformed, or if the key does not belong to the certificate
 */
export function readCertificate(files: CertificateFiles): Certificate {
  const remedy = 'Make a self-signed one with: mien access certificate';
  const { cert, key, parsed } = readKeyPair(
    { setting: 'http.tls.cert', file: files.cert, remedy },
    { setting: 'http.tls.key', file: files.key, remedy },
  );
  return {
    options: { cert, key, minVersion: 'TLSv1.2' },
    expires: new Date(parsed.validTo),
    names: parsed.subjectAltName ?? parsed.subject,
  };
}

/** Calls `onNew` whenever the files were replaced by a valid pair. @returns a function that stops watching */
export function watchCertificate(
  files: CertificateFiles,
  options: { log: Log; everyMs: number; onNew: (certificate: Certificate) => void },
): () => void {
  const { log, everyMs, onNew } = options;
  const onChange = () => {
    try {
      const certificate = readCertificate(files);
      onNew(certificate);
      log.info(`TLS: new certificate in use, valid until ${certificate.expires.toISOString()}`);
    } catch (error) {
      // Perhaps one of the two files is not replaced yet. Its own change triggers the next check.
      log.error({ err: error }, `TLS: the new certificate cannot be used: ${describeError(error)}`);
    }
  };
  // Polls the files: renewal tools replace links or folders, and a watch on a file would miss that.
  for (const file of [files.cert, files.key]) watchFile(file, { interval: everyMs, persistent: false }, onChange);
  return () => {
    for (const file of [files.cert, files.key]) unwatchFile(file, onChange);
  };
}

import type { SecureContextOptions } from 'node:tls';
import { exitCode, MienError } from '../../core/errors.ts';
import { type PemFile, readCertificates, readKeyPair } from '../../core/pem.ts';

/** `mqtt.tls`: PEM files, and the name in the broker's certificate. */
export interface BrokerTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

interface TlsOptions extends SecureContextOptions {
  /** Set explicitly, because NODE_TLS_REJECT_UNAUTHORIZED=0 would switch verification off. */
  readonly rejectUnauthorized: true;
  readonly servername?: string;
}

/**
 * Reads the files. Called for each attempt to connect, so that a renewed certificate needs no restart.
 *
 * @throws MienError (`config`) if a file cannot be read, is malformed or expired, or if the key is not that of the certificate
 */
export function readBrokerTls({ ca, cert, key, serverName }: BrokerTls, now = Date.now()): TlsOptions {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(serverName !== undefined && { servername: serverName }),
    ...(ca !== undefined && { ca: readCertificates(authority(ca)).cert }),
    ...(cert !== undefined && key !== undefined && readClientPair(cert, key, now)),
  };
}

function readClientPair(cert: string, key: string, now: number): SecureContextOptions {
  const remedy = 'Get the certificate of this device and its key from whoever runs the broker';
  const pair = readKeyPair(
    { setting: 'mqtt.tls.cert', file: cert, remedy },
    { setting: 'mqtt.tls.key', file: key, remedy },
  );
  const end = new Date(pair.parsed.validTo);
  if (end.getTime() < now) {
    throw new MienError(`mqtt.tls.cert: expected a valid certificate, got ${cert}, which expired on ${day(end)}`, {
      code: exitCode.config,
      remedy: `Renew it; Mien uses the new files without a restart. This device's clock says ${day(new Date(now))}`,
    });
  }
  return { cert: pair.cert, key: pair.key };
}

function authority(file: string): PemFile {
  const remedy = "Copy the certificate of the authority that signed the broker's certificate to it";
  return { setting: 'mqtt.tls.ca', file, remedy };
}

/** `2026-11-30` */
function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

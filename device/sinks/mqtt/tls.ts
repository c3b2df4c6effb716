import type { SecureContextOptions } from 'node:tls';
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
 * @throws MienError (`config`) if a file cannot be read or is malformed, or if the key is not that of the certificate
 */
export function readBrokerTls({ ca, cert, key, serverName }: BrokerTls): TlsOptions {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(serverName !== undefined && { servername: serverName }),
    ...(ca !== undefined && { ca: readCertificates(authority(ca)).cert }),
    ...(cert !== undefined && key !== undefined && readClientPair(cert, key)),
  };
}

/** The broker judges whether the certificate is valid: the clock of this device may be wrong. */
function readClientPair(cert: string, key: string): SecureContextOptions {
  const remedy = 'Get the certificate of this device and its key from whoever runs the broker';
  const certFile = { setting: 'mqtt.tls.cert', file: cert, remedy };
  const pair = readKeyPair(certFile, { setting: 'mqtt.tls.key', file: key, remedy });
  return { cert: pair.cert, key: pair.key };
}

function authority(file: string): PemFile {
  const remedy = "Copy the certificate of the authority that signed the broker's certificate to it";
  return { setting: 'mqtt.tls.ca', file, remedy };
}

import { describeError } from '../../core/errors.ts';
import { shorten } from '../../core/shorten.ts';

const unknownAuthority =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA)$/;
/** Other codes of OpenSSL and Node for a certificate, and for TLS as a whole. */
const anyTls = /CERT|TLS|SSL|EPROTO|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH/;
/** The broker's alert about the certificate of this device. */
const deviceRefused = /ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/;
const noTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/;

/** Whether a code of the network is one of TLS. */
export function isTlsCode(code: unknown): code is string {
  return typeof code === 'string' && (unknownAuthority.test(code) || anyTls.test(code));
}

/** Whether the broker refuses the certificate of this device, or its absence. */
export function refusesDevice(code: string): boolean {
  return deviceRefused.test(code);
}

/** Message and remedy for a fault of TLS. */
export function explainTls(error: Error, code: string, url: string, now: number): [message: string, remedy: string] {
  const clock = `this device's clock (${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC)`;
  const certificate = `The certificate of the broker at ${url}`;
  if (code === 'CERT_NOT_YET_VALID') {
    return [
      `${certificate} is not valid yet by ${clock}`,
      'Set the clock (timedatectl status), or correct the certificate.',
    ];
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return [`${certificate} has expired by ${clock}`, 'Renew it at the broker, or set the clock (timedatectl status).'];
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return [
      `${certificate} is for ${namesOf(error)}`,
      'Use a name of the certificate in mqtt.url, or set it as mqtt.tls.serverName (MIEN_MQTT_TLS_SERVER_NAME).',
    ];
  }
  if (unknownAuthority.test(code)) {
    return [
      `${certificate} is signed by an unknown authority (${describeError(error)})`,
      'Set mqtt.tls.ca (MIEN_MQTT_TLS_CA) to the certificate of that authority.',
    ];
  }
  if (code.endsWith('ALERT_CERTIFICATE_EXPIRED')) {
    return [
      `The certificate of this device (mqtt.tls.cert) has expired, according to the broker at ${url}`,
      'Renew it; Mien uses the new files without a restart.',
    ];
  }
  if (refusesDevice(code)) {
    return [
      `The broker at ${url} refused the certificate of this device, or needs one (${code})`,
      'Set mqtt.tls.cert and mqtt.tls.key to a certificate that the broker accepts.',
    ];
  }
  if (noTls.test(code)) {
    return [
      `${url} does not speak TLS (${code})`,
      'Use the TLS port of the broker (often 8883), or mqtt:// in mqtt.url for a broker without TLS.',
    ];
  }
  return [
    `No secure connection to ${url} (${describeError(error)})`,
    "Check the broker's certificate, this device's clock, and that the port speaks TLS 1.2 or later.",
  ];
}

/** `DNS:broker.local, IP Address:10.0.0.1` */
function namesOf(error: Error): string {
  const cert = 'cert' in error ? error.cert : undefined;
  const names = typeof cert === 'object' && cert !== null && 'subjectaltname' in cert ? cert.subjectaltname : undefined;
  return typeof names === 'string' ? shorten(names) : `another name (${describeError(error)})`;
}

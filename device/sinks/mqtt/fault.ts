import type { MqttCode } from '../../core/codes.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { maskAddress } from '../../core/mask.ts';
import { explainTls, isTlsCode, refusesDevice } from './tls-fault.ts';

/** Details for the explanation of a fault. */
export interface BrokerAddress {
  readonly url: string;
  readonly username?: string;
  readonly clientId: string;
  /** Whether the connection had been accepted before. */
  readonly wasConnected?: boolean;
  /** This device's clock, ms; shown with a certificate that is not valid by it. */
  readonly now?: number;
}

/** The broker ended the connection with a reason code (MQTT 5). */
export class DisconnectedByBroker extends Error {
  readonly code: number;

  constructor(reasonCode: number) {
    super(`the broker ended the connection (reason code 0x${reasonCode.toString(16)})`);
    this.code = reasonCode;
  }
}

/** An acknowledgement of the broker did not come in time. */
export class Unacknowledged extends Error {
  readonly code = 'EUNACKNOWLEDGED';
}

/**
 * Reason codes of a broker that is not available at the moment, unlike one that refuses this device: closed, unavailable,
 * busy, shutting down, keepalive timeout, administrative action, connection rate exceeded.
 */
const temporary = [0, 3, 136, 137, 139, 141, 152, 159];

/** The kind of fault: broker unreachable, access refused, or no trust (a certificate of the broker, a TLS file). */
export function brokerCode(error: unknown): MqttCode {
  if (error instanceof MienError) return 'broker-untrusted';
  const code = codeOf(error);
  if (typeof code === 'number') return temporary.includes(code) ? 'broker-unreachable' : 'broker-refused';
  if (!isTlsCode(code)) return 'broker-unreachable';
  return refusesDevice(code) ? 'broker-refused' : 'broker-untrusted';
}

/**
 * Whether the broker may have refused MQTT 5: by its code, or by closing the connection on a packet that it cannot read.
 *
 * @param isKnown whether the broker has spoken MQTT 5 before; then only its code counts
 */
export function mayRefuseVersion(error: unknown, isKnown = false): boolean {
  const code = codeOf(error);
  if (code === 1 || code === 132) return true;
  if (isKnown || error instanceof MienError || (error instanceof Error && error.message === connackTimeout))
    return false;
  return code === undefined || code === 'ECONNRESET' || code === 'EPIPE';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Message of mqtt.js: no CONNACK in time. */
const connackTimeout = 'connack timeout';
const startIt = 'Start the broker, or set mqtt.url (MIEN_MQTT_URL).';

/**
 * The reason for a missing connection, as one line with a remedy. Numeric codes are reason codes of MQTT 5 and return codes of
 * 3.1.1, textual codes are those of the network. `undefined`: the connection was closed without a reason.
 */
export function explainBrokerFault(error: unknown, address: BrokerAddress): MienError {
  // A TLS file that cannot be used; its message names the setting.
  if (error instanceof MienError) return error;
  const url = maskAddress(address.url);
  const [message, remedy] = explain(error, { ...address, url });
  return new MienError(message, { code: exitCode.unavailable, remedy, cause: error });
}

type Explanation = [message: string, remedy: string];

function explain(error: unknown, address: BrokerAddress): Explanation {
  const { url } = address;
  const code = codeOf(error);
  if (typeof code === 'number') return explainRefusal(error, code, address);
  if (isTlsCode(code)) return explainTls(error as Error, code, url, address.now ?? Date.now());
  if (error === undefined || code === 'ECONNRESET' || code === 'EPIPE') return explainClosed(code, address);
  switch (code) {
    case 'EUNACKNOWLEDGED':
      return [`The broker at ${url} is silent (${describeError(error)})`, 'Check the log and the disk of the broker.'];
    case 'ECONNREFUSED':
      return [`No broker answers at ${url} (connection refused)`, startIt];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`The host name in ${url} is not known`, 'Check mqtt.url (MIEN_MQTT_URL) and the network.'];
    case 'EADDRNOTAVAIL':
    case 'EHOSTDOWN':
    case 'EHOSTUNREACH':
    case 'ENETDOWN':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return [`The broker at ${url} cannot be reached (${code})`, 'Check the network and mqtt.url (MIEN_MQTT_URL).'];
    default:
      return explainText(url, describeError(error) || String(code));
  }
}

/** Reason codes of MQTT 5, and return codes of 3.1.1. */
function explainRefusal(error: unknown, code: number, { url, username, clientId }: BrokerAddress): Explanation {
  const user = username === undefined ? 'a client without user name' : `the user ${username}`;
  switch (code) {
    case 4:
    case 134:
      return [
        `The broker at ${url} refused ${user}: wrong user name or password`,
        'Check mqtt.username and mqtt.password (MIEN_MQTT_PASSWORD).',
      ];
    case 5:
    case 135:
      return [
        `The broker at ${url} refused ${user}: not authorized`,
        'Check mqtt.username and mqtt.password (MIEN_MQTT_PASSWORD), and the rights of that user at the broker.',
      ];
    case 2:
    case 133:
      return [
        `The broker at ${url} refused the client id ${clientId}`,
        'Set another device.name, or allow this one at the broker.',
      ];
    case 142:
      return [
        `Another client took over the client id ${clientId} at ${url}`,
        'Give each device its own device.name (MIEN_DEVICE_NAME).',
      ];
  }
  if (temporary.includes(code)) {
    return [
      `The broker at ${url} is not available (${describeError(error)})`,
      'Mien tries again every few seconds. If this continues, check the log of the broker.',
    ];
  }
  return [`The broker at ${url} refused the connection (${describeError(error)})`, 'Check the log of the broker.'];
}

function explainClosed(code: unknown, { url, clientId, wasConnected }: BrokerAddress): Explanation {
  const how = code === undefined ? '' : ` (${code})`;
  if (wasConnected) {
    return [
      `The broker at ${url} closed the connection${how}`,
      `If this continues, check that no other device uses the client id ${clientId} (device.name).`,
    ];
  }
  const isSecure = /^(mqtts|wss):/.test(url);
  const encryption = isSecure ? 'that it speaks TLS (often on port 8883)' : 'whether it needs mqtts://';
  return [`${url} closed the connection${how}`, `Check that a broker listens there, and ${encryption}. ${startIt}`];
}

/** Faults of mqtt.js and its WebSocket library that have no code. */
function explainText(url: string, text: string): Explanation {
  if (text === connackTimeout) {
    return [
      `No answer of a broker at ${url} (${text})`,
      'Check the network, a firewall, and that mqtt.url (MIEN_MQTT_URL) names the MQTT port of a running broker.',
    ];
  }
  if (text === 'Keepalive timeout') {
    return [
      `The connection to ${url} went silent (${text})`,
      'Check the network between this device and the broker. Mien tries again every few seconds.',
    ];
  }
  if (text.startsWith('Unexpected server response')) {
    return [
      `${url} refused the WebSocket (${text})`,
      'Check the path in mqtt.url (MIEN_MQTT_URL); many brokers use /mqtt.',
    ];
  }
  return [`No MQTT connection to ${url} (${text})`, startIt];
}

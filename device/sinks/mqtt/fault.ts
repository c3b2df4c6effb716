import type { MqttCode } from '../../core/codes.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { maskAddress } from '../../core/mask.ts';

/** Details for the explanation of a fault. */
export interface BrokerAddress {
  readonly url: string;
  readonly username?: string;
  readonly clientId: string;
  /** Whether the connection had been accepted before. */
  readonly wasConnected?: boolean;
}

/** The broker ended the connection with a reason code (MQTT 5). */
export class DisconnectedByBroker extends Error {
  readonly code: number;

  constructor(reasonCode: number) {
    super(`the broker ended the connection (reason code 0x${reasonCode.toString(16)})`);
    this.code = reasonCode;
  }
}

/** The kind of fault: broker unreachable, access refused, or certificate not trusted. */
export function brokerCode(error: unknown): MqttCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return 'broker-refused';
  return typeof code === 'string' && tlsFault.test(code) ? 'broker-untrusted' : 'broker-unreachable';
}

const tlsFault = /CERT|TLS|SSL|EPROTO/;
const startIt = 'Start the broker, or set mqtt.url (MIEN_MQTT_URL).';

/**
 * The reason for a missing connection, as one line with a remedy. Numeric codes are reason codes of MQTT 5 and return codes of
 * 3.1.1, textual codes are those of the network. `undefined`: the connection was closed without a reason.
 */
export function explainBrokerFault(error: unknown, address: BrokerAddress): MienError {
  const url = maskAddress(address.url);
  const [message, remedy] = explain(error, { ...address, url });
  return new MienError(message, { code: exitCode.unavailable, remedy, cause: error });
}

function explain(error: unknown, address: BrokerAddress): [message: string, remedy: string] {
  const { url, username, clientId, wasConnected } = address;
  const user = username === undefined ? 'a client without user name' : `the user ${username}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
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
    case 'ECONNREFUSED':
      return [`No broker answers at ${url} (connection refused)`, startIt];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`The host name in ${url} is not known`, 'Check mqtt.url (MIEN_MQTT_URL) and the network.'];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return [`The broker at ${url} cannot be reached (${code})`, 'Check the network and mqtt.url (MIEN_MQTT_URL).'];
  }
  if (typeof code === 'string' && tlsFault.test(code)) {
    return [
      `No secure connection to ${url} (${describeError(error)})`,
      "Check the broker's certificate, this device's clock, and that the port speaks TLS.",
    ];
  }
  if (error === undefined && wasConnected) {
    return [
      `The broker at ${url} closed the connection`,
      `If this continues, check that no other device uses the client id ${clientId} (device.name).`,
    ];
  }
  if (error === undefined) return [`${url} closed the connection`, `Check that a broker listens there. ${startIt}`];
  return [`No MQTT connection to ${url} (${describeError(error) || String(code)})`, startIt];
}

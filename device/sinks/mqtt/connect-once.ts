import type { IClientOptions, MqttClient } from 'mqtt';
import { type BrokerAccess, connectClient } from './client.ts';
import { mayRefuseVersion } from './fault.ts';

interface OnceOptions extends Pick<IClientOptions, 'keepalive'> {
  readonly clientId: string;
  /** Longest wait for the broker's CONNACK, ms. */
  readonly connectTimeout: number;
}

/**
 * One connection without a retry, for a command: in MQTT 5, and in 3.1.1 for a broker that may have refused 5. The caller ends
 * the client. Nothing is left that would keep the process alive after an error.
 *
 * @throws the fault, as `explainBrokerFault` takes it
 */
export async function connectOnce(access: BrokerAccess, options: OnceOptions): Promise<MqttClient> {
  try {
    return await connectAs(5, access, options);
  } catch (fault) {
    if (!mayRefuseVersion(fault)) throw fault;
    return connectAs(4, access, options);
  }
}

function connectAs(protocolVersion: 4 | 5, access: BrokerAccess, options: OnceOptions): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const client = connectClient(access, { ...options, protocolVersion, clean: true, reconnectPeriod: 0 });
    const fail = (fault?: unknown) => {
      // After the connect, too: rejects the messages whose acknowledgement can no longer come.
      client.end(true);
      reject(fault);
    };
    client.once('connect', () => resolve(client));
    client.once('close', () => fail());
    // Keep the listener: a late error without one would end the process.
    client.on('error', fail);
    client.stream.on('error', fail);
  });
}

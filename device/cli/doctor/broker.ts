import type { Config } from '../../config/schema.ts';
import { describeError } from '../../core/errors.ts';
import { maskAddress } from '../../core/mask.ts';
import { connectClient } from '../../sinks/mqtt/client.ts';
import { splitCredentials } from '../../sinks/mqtt/connection.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const limitMs = 4000;

/**
 * Checks that the MQTT broker answers and accepts the credentials.
 *
 * @param isNamed whether the configuration names the broker; a missing default broker is only a warning
 */
export async function checkBroker(config: Config['mqtt'], isNamed: boolean): Promise<Finding> {
  const part = 'broker';
  const shown = maskAddress(config.url);
  if (!config.enabled) return ok(part, 'not used (mqtt.enabled is false)');
  const fault = await tryBroker(config).catch(describeError);
  if (fault === undefined) return ok(part, `connected to ${shown}`);
  if (/not authorized|bad user ?name|credentials/i.test(fault)) {
    return fail(
      part,
      `${shown} refuses the credentials: ${fault}`,
      'Set mqtt.username and mqtt.password (MIEN_MQTT_PASSWORD)',
    );
  }
  const remedy = 'Start the broker, correct mqtt.url, or set mqtt.enabled to false';
  if (isNamed) return fail(part, `${shown} does not answer: ${fault}`, remedy);
  return warn(
    part,
    `no broker at ${shown}: ${fault}`,
    'Run: sudo apt-get install mosquitto; or set mqtt.url, or mqtt.enabled to false. "mien demo" has its own broker',
  );
}

/** @returns undefined if the broker accepted the connection, else the reason */
function tryBroker(config: Config['mqtt']): Promise<string | undefined> {
  // The daemon does the same: mqtt.js itself would split the URL's credentials differently.
  const { url, username, password } = splitCredentials(config);
  return new Promise((settle) => {
    const client = connectClient(url, {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      connectTimeout: limitMs,
      reconnectPeriod: 0,
      clean: true,
    });
    const end = (fault?: string) => {
      clearTimeout(timer);
      client.end(true);
      settle(fault);
    };
    const timer = setTimeout(() => end(`no answer within ${limitMs / 1000} s`), limitMs);
    client.once('connect', () => end());
    client.once('close', () => end('it closed the connection'));
    // Keep the listener: a late error without one would end the process.
    client.on('error', (error) => end(reasonOf(error)));
  });
}

/** Node tries IPv4 and IPv6 and then throws an AggregateError without a message. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  return describeError(error) || ((error as NodeJS.ErrnoException).code ?? 'no reason given');
}

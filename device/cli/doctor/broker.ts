import type { Config } from '../../config/schema.ts';
import type { MienError } from '../../core/errors.ts';
import { maskAddress } from '../../core/mask.ts';
import { readCertificates } from '../../core/pem.ts';
import { splitCredentials } from '../../sinks/mqtt/client.ts';
import { connectOnce } from '../../sinks/mqtt/connect-once.ts';
import { brokerCode, explainBrokerFault } from '../../sinks/mqtt/fault.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const limitMs = 4000;
const clientId = `mien-doctor-${process.pid}`;
type Outcome = { readonly fault: unknown } | 'connected';

/**
 * Checks that the MQTT broker answers and accepts the credentials and certificates, as the daemon connects.
 *
 * @param isNamed whether the configuration names the broker; a missing default broker is only a warning
 */
export async function checkBroker(config: Config['mqtt'], isNamed: boolean): Promise<Finding> {
  const part = 'broker';
  const shown = maskAddress(config.url);
  if (!config.enabled) return ok(part, 'not used (mqtt.enabled is false)');
  const outcome = await tryBroker(config);
  if (outcome === 'connected') return expiresSoon(config.tls.cert) ?? ok(part, `connected to ${shown}`);
  const { fault } = outcome;
  const { message, remedy } = explain(fault, config);
  if (isNamed || brokerCode(fault) !== 'broker-unreachable') return fail(part, message, remedy);
  return warn(
    part,
    message,
    'Run: sudo apt-get install mosquitto; or set mqtt.url, or mqtt.enabled to false. "mien demo" has its own broker',
  );
}

/** A warning if the certificate of this device ends within three weeks. */
function expiresSoon(file: string | undefined): Finding | undefined {
  if (file === undefined) return undefined;
  const remedy = 'Renew it; Mien uses the new files without a restart';
  const end = new Date(readCertificates({ setting: 'mqtt.tls.cert', file, remedy }).parsed.validTo);
  if (end.getTime() > Date.now() + 21 * 86_400_000) return undefined;
  return warn('broker', `connected, but ${file} expires soon, on ${end.toISOString().slice(0, 10)}`, remedy);
}

function explain(fault: unknown, config: Config['mqtt']): MienError {
  return explainBrokerFault(fault, { ...splitCredentials(config), clientId, now: Date.now() });
}

async function tryBroker(config: Config['mqtt']): Promise<Outcome> {
  try {
    const client = await connectOnce(config, { clientId, connectTimeout: limitMs });
    client.end(true);
    return 'connected';
  } catch (fault) {
    return { fault };
  }
}

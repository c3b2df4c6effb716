import { isExposed } from './access.ts';
import type { Config } from './schema.ts';

/**
 * Whether commands over MQTT are carried out. Without the setting: only if the broker is on this device or demands a login.
 * At another broker, everybody in the network could send commands.
 */
export function acceptsCommands({
  commands,
  url,
  username,
  tls,
}: Pick<Config['mqtt'], 'commands' | 'url' | 'username' | 'tls'>): boolean {
  if (commands !== undefined) return commands;
  const broker = new URL(url);
  return !isExposed(broker.hostname) || username !== undefined || tls.cert !== undefined || broker.username !== '';
}

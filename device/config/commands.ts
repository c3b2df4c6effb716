import { isExposed } from './access.ts';
import type { Config } from './schema.ts';

/**
 * Whether commands over MQTT are carried out. Without the setting: only where not everybody in the network can send one, because
 * the broker is on this device or demands a login.
 */
export function acceptsCommands({
  commands,
  url,
  username,
}: Pick<Config['mqtt'], 'commands' | 'url' | 'username'>): boolean {
  if (commands !== undefined) return commands;
  const broker = new URL(url);
  return !isExposed(broker.hostname) || username !== undefined || broker.username !== '';
}

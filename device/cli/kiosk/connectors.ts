import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether a screen is plugged in. A browser without one draws nothing, so its page sends no heartbeats.
 *
 * @param folder of the kernel, with one folder per connector, such as card1-HDMI-A-1
 * @returns true as well if the kernel names no connectors, such as on a virtual display
 */
export function isScreenConnected(folder = '/sys/class/drm'): boolean {
  if (!existsSync(folder)) return true;
  const states = readdirSync(folder)
    .map((name) => join(folder, name, 'status'))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trim());
  // Some drivers answer "unknown" for a panel that is always there.
  return states.length === 0 || states.some((state) => state !== 'disconnected');
}

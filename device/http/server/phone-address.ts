import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isExposed } from '../../config/access.ts';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The host under which a phone in the same network reaches this device: what it listens on, or, where that is every
 * address, the first IPv4 address that is neither its own nor self-assigned. Nothing where it listens to itself only.
 *
 * @param host what it listens on
 */
export function addressForPhones(host: string, interfaces: Interfaces = networkInterfaces()): string | undefined {
  if (!isExposed(host)) return undefined;
  if (host !== '0.0.0.0' && host !== '::') return host;
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
    ?.address;
}

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isExposed } from '../../config/access.ts';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The host for a phone in the same network: the address that Mien listens on. If Mien listens on all addresses, it is the
 * first IPv4 address that is neither loopback nor self-assigned. Undefined if Mien listens on loopback only.
 *
 * @param host the address that Mien listens on
 */
export function addressForPhones(host: string, interfaces: Interfaces = networkInterfaces()): string | undefined {
  if (!isExposed(host)) return undefined;
  if (host !== '0.0.0.0' && host !== '::') return host;
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
    ?.address;
}

import type { NetworkInterfaceInfo } from 'node:os';
import { isExposed } from '../../config/access.ts';
import { networkAddresses } from '../../core/network-addresses.ts';

/**
 * The host for a phone in the same network: the address that Mien listens on. If Mien listens on all addresses, it is the
 * first IPv4 address that is neither loopback nor self-assigned. Undefined if Mien listens on loopback only.
 *
 * @param host the address that Mien listens on
 */
export function addressForPhones(
  host: string,
  addresses: () => readonly NetworkInterfaceInfo[] = networkAddresses,
): string | undefined {
  if (!isExposed(host)) return undefined;
  if (host !== '0.0.0.0' && host !== '::') return host;
  return addresses().find(
    ({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'),
  )?.address;
}

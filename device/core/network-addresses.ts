import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/**
 * The addresses of all network interfaces. Empty where the kernel does not tell them: a hardened service may forbid AF_NETLINK
 * (`RestrictAddressFamilies=`). The device then shows no address of its own.
 */
export function networkAddresses(): readonly NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((list = []) => list);
  } catch {
    return []; // Forbidden. Nothing but texts for people needs the addresses.
  }
}

import { hostname } from 'node:os';
import { isExposed } from '../../config/access.ts';
import type { Config } from '../../config/schema.ts';
import { urlHost } from '../../core/address.ts';
import { networkAddresses } from '../../core/network-addresses.ts';

export interface Addresses {
  /** URL of the kiosk page on the device itself, for people. */
  readonly url: string;
  /** The same for programs, as an IP address, so that it needs no name resolution. */
  readonly origin: string;
  /** URLs for other machines; empty if Mien listens on this device only. */
  readonly networkUrls: readonly string[];
}

/** The addresses of a server on this host and port. The device itself needs no TLS. */
export function addressesOf(http: Pick<Config['http'], 'host' | 'tls'>, port: number): Addresses {
  const { host, tls } = http;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const origin = `http://${isEverywhere ? '127.0.0.1' : urlHost(host)}:${port}`;
  const url = isEverywhere || !isExposed(host) ? `http://localhost:${port}` : origin;
  const scheme = tls.cert === undefined ? 'http' : 'https';
  const hosts = isEverywhere ? [hostname(), ...ownAddresses(host)] : isExposed(host) ? [urlHost(host)] : [];
  return { url, origin, networkUrls: hosts.map((each) => `${scheme}://${each}:${port}`) };
}

function ownAddresses(host: string): string[] {
  return networkAddresses()
    .filter(({ internal, family, address }) => {
      return !internal && !address.startsWith('fe80:') && (family === 'IPv4' || host === '::');
    })
    .map(({ address }) => urlHost(address));
}

import ipaddr from 'ipaddr.js';

/** Longest chain of proxies that is accepted in X-Forwarded-For. */
const maxHops = 20;

/** The proxies whose forwarding headers are trusted: addresses, or networks such as 10.0.0.0/8. */
export class TrustedProxies {
  readonly #networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  constructor(list: readonly string[]) {
    this.#networks = list.map((each) =>
      each.includes('/') ? ipaddr.parseCIDR(each) : [ipaddr.process(each), each.includes(':') ? 128 : 32],
    );
  }

  has(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const own = ipaddr.process(address);
    return this.#networks.some(([network, bits]) => own.kind() === network.kind() && own.match(network, bits));
  }

  /**
   * The caller behind a proxy: the last address of X-Forwarded-For that is not a trusted proxy.
   *
   * @returns undefined if the connection does not come from a trusted proxy, or if the header names no valid caller
   */
  callerBehind(connection: string, forwardedFor: string | undefined): string | undefined {
    if (forwardedFor === undefined || !this.has(connection)) return undefined;
    const hops = forwardedFor.split(',', maxHops + 1).map((each) => withoutPort(each.trim()));
    if (hops.length > maxHops) return undefined;
    const caller = hops.findLast((hop) => !this.has(hop));
    return caller !== undefined && ipaddr.isValid(caller) ? ipaddr.process(caller).toString() : undefined;
  }
}

/** The key of a caller for the limits of requests, guesses and connections: an IPv4 address, or a /64 of IPv6. */
export function callerOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}

/** Some proxies add the port: 192.0.2.7:5311 or [2001:db8::1]:5311. */
function withoutPort(hop: string): string {
  return /^\[(.*)\](:\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

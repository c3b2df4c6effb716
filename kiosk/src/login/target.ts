/**
 * Address to open after the login: the requested page, if it belongs to this device.
 *
 * @param next parameter of the login page's address
 */
export function targetOf(next: string | null, origin: string, role: 'viewer' | 'operator'): string {
  const home = role === 'operator' ? 'admin' : './';
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return home;
  const address = new URL(next, origin);
  // `//evil.example` and `/\evil.example` are addresses of other machines.
  if (address.origin !== origin || /\/login$/.test(address.pathname)) return home;
  return address.pathname + address.search + address.hash;
}

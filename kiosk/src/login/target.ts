/**
 * Where to go after the login: the page that was asked for, if it is one of this device.
 *
 * @param next as the address of the login page has it
 */
export function targetOf(next: string | null, origin: string, role: 'viewer' | 'operator'): string {
  const home = role === 'operator' ? 'admin' : './';
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return home;
  const address = new URL(next, origin);
  // `//evil.example` and `/\evil.example` are addresses elsewhere.
  if (address.origin !== origin || /\/login$/.test(address.pathname)) return home;
  return address.pathname + address.search + address.hash;
}

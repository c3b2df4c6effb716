/** Address of the live stream, relative to the page: a proxy may show it below a path. */
export function liveAddress(fps?: number): string {
  const address = new URL('live', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  address.search = fps === undefined ? '' : `?fps=${fps}`;
  address.hash = '';
  return address.href;
}

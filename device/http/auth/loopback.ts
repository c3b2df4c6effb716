import type { Context } from 'hono';
import type { Config } from '../../config/schema.ts';
import type { Log } from '../../core/log.ts';
import { peerOf } from './peer.ts';

/** Decides whether requests from the device itself need no login. */
export class LoopbackTrust {
  readonly #mode: Config['http']['loopbackLogin'];
  readonly #log: Log;
  #sawProxy = false;

  constructor(mode: Config['http']['loopbackLogin'], log: Log) {
    this.#mode = mode;
    this.#log = log;
  }

  /**
   * Behind a proxy on the device, every request seems to come from the device. Once a request shows signs of such a proxy,
   * later requests are not trusted either, because the proxy may omit the signs.
   */
  trusts(c: Context): boolean {
    const { isThisDevice, proxySign } = peerOf(c);
    // HTTP/1.0 alone may also be an old program on the device: distrust that request only.
    const isProxy = proxySign === 'header' || proxySign === 'host';
    if (isProxy && this.#mode === 'auto' && !this.#sawProxy) {
      this.#sawProxy = true;
      this.#log.warn(
        'A proxy on this device forwards requests, so the device itself must log in too. Add the proxy to http.trustedProxies and restart, or set http.loopbackLogin.',
      );
    }
    if (!isThisDevice || this.#mode === 'always') return false;
    return this.#mode === 'never' || !this.#sawProxy;
  }
}

import type { Context } from 'hono';
import type { Config } from '../../config/schema.ts';
import type { Log } from '../../core/log.ts';
import { peerOf } from './peer.ts';

/** Whether the screen of the device may look without a login. */
export class LoopbackTrust {
  readonly #mode: Config['http']['loopbackLogin'];
  readonly #log: Log;
  #sawProxy = false;

  constructor(mode: Config['http']['loopbackLogin'], log: Log) {
    this.#mode = mode;
    this.#log = log;
  }

  /**
   * A proxy on the device makes everybody look like the device. Where a request shows that there is one, no later request
   * is trusted either: the proxy may leave the sign out.
   */
  trusts(c: Context): boolean {
    const { isThisDevice, proxySign } = peerOf(c);
    // HTTP/1.0 alone may be an old program of the device: that request is not trusted, the others are.
    const isProxy = proxySign === 'header' || proxySign === 'host';
    if (isProxy && this.#mode === 'auto' && !this.#sawProxy) {
      this.#sawProxy = true;
      this.#log.warn(
        'A proxy on this device passes requests on, so the device itself must log in too. Name the proxy in http.trustedProxies and restart, or set http.loopbackLogin.',
      );
    }
    if (!isThisDevice || this.#mode === 'always') return false;
    return this.#mode === 'never' || !this.#sawProxy;
  }
}

import type { Screen } from '../../contract/device.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';

/** Longest wait for an answer of the daemon, in ms. */
const answerMs = 5000;

/** What the daemon says about the screen. */
export type ScreenAnswer =
  | { readonly kind: 'beat'; readonly seenAt: number | undefined; readonly light?: Screen['light'] }
  /** The daemon wants a login, so the page's heartbeat cannot be watched. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'none'; readonly reason: string };

/** The daemon as the screen sees it: the address of its page. */
export class DaemonPage {
  readonly url: string;
  readonly #isOnDevice: boolean;

  /** @throws MienError if this is no address of a page */
  constructor(text: string) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw new MienError(`--url: expected an address such as http://localhost:8080/, got ${JSON.stringify(text)}`, {
        code: exitCode.usage,
        remedy: 'Use the address that Mien prints at its start',
      });
    }
    // The API lies beside the page.
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    this.url = url.href;
    this.#isOnDevice = /^(localhost|127\..*|\[::1\])$/.test(url.hostname);
  }

  /** @returns why there is no answer; undefined once there is one, whatever it says */
  async unreachable(): Promise<string | undefined> {
    try {
      await this.#get('healthz');
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Asks for the newest heartbeat of the page. Never rejects. */
  async screen(): Promise<ScreenAnswer> {
    try {
      const response = await this.#get('api/v1/state');
      if (response.status === 401 || response.status === 403) return { kind: 'locked' };
      if (!response.ok) return { kind: 'none', reason: `status ${response.status}` };
      const { screen } = (await response.json()) as { screen?: Pick<Screen, 'seenAt' | 'onDevice' | 'light'> };
      // A phone that shows the page says nothing about this screen.
      if (screen?.onDevice !== this.#isOnDevice) return { kind: 'beat', seenAt: undefined };
      return { kind: 'beat', seenAt: screen.seenAt, light: screen.light };
    } catch (error) {
      return { kind: 'none', reason: reasonOf(error) };
    }
  }

  async #get(path: string): Promise<Response> {
    return fetch(new URL(path, this.url), { signal: AbortSignal.timeout(answerMs) });
  }
}

/** `fetch` says only "fetch failed"; its cause has the reason. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : describeError(error);
}

import { useEffect, useState } from 'preact/hooks';
import type { StateMessage } from '../../../device/contract/live.ts';
import { liveAddress } from '../api/live-address.ts';
import { LiveConnection, type Socket } from '../kiosk/live/connection.ts';
import type { Frame } from '../kiosk/live/frame.ts';

/** Latest state of the device, and whether it still answers. */
export interface Live {
  /** `undefined` until the first state. */
  readonly device: StateMessage | undefined;
  readonly connected: boolean;
}

type FrameListener = (frame: Frame) => void;

/**
 * The page's one connection for live state and pictures. It requests pictures only while a part of the page listens, and
 * a hidden page (a phone in a pocket) closes the connection.
 */
export class LiveFeed {
  readonly #listeners = new Set<(live: Live) => void>();
  readonly #frames = new Set<FrameListener>();
  #live: Live = { device: undefined, connected: true };
  #connection: LiveConnection | undefined;
  #version: string | undefined;
  #rate = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get current(): Live {
    return this.#live;
  }

  start(): void {
    document.addEventListener('visibilitychange', () => this.#reopenSoon());
    this.#reopenSoon();
  }

  subscribe(listener: (live: Live) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onFrame(listener: FrameListener): () => void {
    this.#frames.add(listener);
    if (this.#frames.size === 1) this.#reopenSoon();
    return () => {
      this.#frames.delete(listener);
      if (this.#frames.size === 0) this.#reopenSoon();
    };
  }

  /** Reconnects once for all changes of this turn, such as one picture listener that replaces another. */
  #reopenSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reopen());
  }

  #reopen(): void {
    const isVisible = document.visibilityState === 'visible';
    const rate = this.#frames.size > 0 ? previewFps : 0;
    if (isVisible && this.#connection && rate === this.#rate) return;
    this.#connection?.stop();
    this.#connection = undefined;
    this.#rate = rate;
    if (!isVisible) return;
    this.#connection = new LiveConnection({
      open: () => new WebSocket(liveAddress(rate)) as Socket,
      onConnected: (connected) => this.#publish({ ...this.#live, connected }),
      onState: (device) => {
        // A new daemon may serve another version of this page.
        if (this.#version !== undefined && this.#version !== device.version) return location.reload();
        this.#version = device.version;
        this.#publish({ device, connected: true });
      },
      onFrame: (frame) => {
        for (const listener of this.#frames) listener(frame);
      },
      onFault: (fault) => console.warn('Mien:', fault),
    });
    this.#connection.start();
  }

  #publish(live: Live): void {
    this.#live = live;
    for (const listener of this.#listeners) listener(live);
  }
}

/** Enough to aim a camera, and little traffic for a phone. */
const previewFps = 8;

export function useLive(feed: LiveFeed): Live {
  const [live, setLive] = useState(feed.current);
  useEffect(() => feed.subscribe(setLive), [feed]);
  return live;
}

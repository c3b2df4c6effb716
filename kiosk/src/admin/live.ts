import { useEffect, useState } from 'preact/hooks';
import type { StateMessage } from '../../../device/contract/live.ts';
import { liveAddress } from '../api/live-address.ts';
import { LiveConnection, type Socket } from '../kiosk/live/connection.ts';
import type { Frame } from '../kiosk/live/frame.ts';

/** What the device last said of itself, and whether it still answers. */
export interface Live {
  /** `undefined` until it has said something. */
  readonly device: StateMessage | undefined;
  readonly connected: boolean;
}

type FrameListener = (frame: Frame) => void;

/**
 * The page's one connection for what changes by itself. Pictures are asked for only while somebody listens for them, and
 * a hidden page (a phone in a pocket) lets go of the device altogether.
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

  /** Once for all that changes in this turn, as when one picture takes the place of another. */
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
      onConnected: (connected) => this.#say({ ...this.#live, connected }),
      onState: (device) => {
        // A new daemon brings a new page.
        if (this.#version !== undefined && this.#version !== device.version) return location.reload();
        this.#version = device.version;
        this.#say({ device, connected: true });
      },
      onFrame: (frame) => {
        for (const listener of this.#frames) listener(frame);
      },
      onFault: (fault) => console.warn('Mien:', fault),
    });
    this.#connection.start();
  }

  #say(live: Live): void {
    this.#live = live;
    for (const listener of this.#listeners) listener(live);
  }
}

/** Enough to aim a camera by, and little for a phone's connection. */
const previewFps = 8;

export function useLive(feed: LiveFeed): Live {
  const [live, setLive] = useState(feed.current);
  useEffect(() => feed.subscribe(setLive), [feed]);
  return live;
}

import { language } from '../../language/language.ts';
import { currentTheme } from '../../theme/theme.ts';

interface Beat {
  readonly version: string;
  readonly visible: boolean;
  /** Live pictures a second that came onto the screen since the last beat. */
  readonly fps: number;
  /** Of the window, in pixels of the page. */
  readonly width: number;
  readonly height: number;
  readonly theme: string;
  readonly lang: string;
}

const beatMs = 10_000;

export interface HeartbeatDeps {
  readonly version: () => string | undefined;
  /** How many live pictures were drawn so far. */
  readonly pictures: () => number;
  readonly send: (beat: Beat) => Promise<unknown>;
  /** Resolves once the browser has painted a frame; never where it paints none. */
  readonly painted: () => Promise<void>;
  readonly now: () => number;
}

/**
 * Tells the daemon every ten seconds that a screen shows this page, and only where the browser has really painted it: a
 * page behind another, on a screen that is off, or of a hung renderer says nothing. The next beat waits for the last one.
 */
export function startHeartbeat({ version, pictures, send, painted, now }: HeartbeatDeps): void {
  let before = { at: now(), pictures: pictures() };
  const beat = async () => {
    await painted();
    const known = version();
    const current = { at: now(), pictures: pictures() };
    const seconds = (current.at - before.at) / 1000;
    const fps = seconds > 0 ? Math.round((10 * (current.pictures - before.pictures)) / seconds) / 10 : 0;
    before = current;
    if (known === undefined) return;
    const { innerWidth: width, innerHeight: height } = globalThis;
    const visible = document.visibilityState === 'visible';
    // What it says is of no use to this page; a daemon that is away hears the next one.
    await send({ version: known, visible, fps, width, height, theme: currentTheme(), lang: language }).catch(() => {});
  };
  const schedule = () => setTimeout(() => void beat().finally(schedule), beatMs);
  schedule();
}

/** The first callback comes before a frame is painted, the second one after it. */
export function frameHasBeenPainted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}

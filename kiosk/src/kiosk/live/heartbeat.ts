import { language } from '../../language/language.ts';
import { currentTheme } from '../../theme/theme.ts';
import type { Light } from '../care/dim.ts';

interface Beat {
  readonly version: string;
  readonly visible: boolean;
  /** Live pictures per second on the screen since the last beat. */
  readonly fps: number;
  /** Size of the window, in pixels of the page. */
  readonly width: number;
  readonly height: number;
  readonly theme: string;
  readonly lang: string;
  readonly light: Light;
}

const beatMs = 10_000;

export interface HeartbeatDeps {
  readonly version: () => string | undefined;
  /** Number of live pictures drawn so far. */
  readonly pictures: () => number;
  readonly send: (beat: Beat) => Promise<unknown>;
  /** Resolves once the browser has painted a frame; never if it paints none. */
  readonly painted: () => Promise<void>;
  readonly light: () => Light;
  readonly now: () => number;
}

/**
 * Reports to the daemon every 10 s that a screen shows this page, and only after the browser has painted it: a
 * covered page, a page on a screen without power, and a hung renderer send nothing. A beat waits for the one before.
 *
 * @returns sends a beat at once, for a change that the device must know
 */
export function startHeartbeat({ version, pictures, send, painted, light, now }: HeartbeatDeps): () => void {
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
    // The answer is of no use to this page, and a daemon that is away gets the next beat.
    const look = { theme: currentTheme(), lang: language, light: light() };
    await send({ version: known, visible, fps, width, height, ...look }).catch(() => {});
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Promise.resolve();
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(beatNow, beatMs);
  };
  const beatNow = () => {
    last = last
      .then(beat)
      .catch(() => {})
      .finally(schedule);
  };
  schedule();
  return beatNow;
}

/** The first callback comes before a frame is painted, the second one after it. */
export function frameHasBeenPainted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}

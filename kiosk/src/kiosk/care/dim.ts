import type { DeviceView } from '../../../../device/contract/state.ts';

export type CareSettings = Pick<
  DeviceView['kiosk'],
  'pixelShift' | 'dimAfterMinutes' | 'night' | 'nightBrightness' | 'offAfterMinutes' | 'offAtNight'
>;

/** Brightness of the page. off: black. */
export type Light = 'full' | 'dimmed' | 'off';

/** What the brightness depends on. */
export interface Idleness {
  /** Since the last face, touch or key, in ms. */
  readonly idleMs: number;
  /** By the clock of the screen. */
  readonly time: Date;
  /** Whether the page shows live pictures. */
  readonly isLive: boolean;
}

/** Time without a face before the page is dimmed at night, so that it stays bright for a person who looks away. */
export const nightHoldMs = 30_000;

export function lightOf(settings: CareSettings, { idleMs, time, isLive }: Idleness): Light {
  const { dimAfterMinutes, offAfterMinutes, night, offAtNight } = settings;
  const isIdleAtNight = idleMs >= nightHoldMs && isNight(night, time);
  if (isIdleAtNight && offAtNight) return 'off';
  // A page without live pictures sees nobody who could wake it, and shows why.
  if (isLive && isOver(offAfterMinutes, idleMs)) return 'off';
  return isIdleAtNight || isOver(dimAfterMinutes, idleMs) ? 'dimmed' : 'full';
}

function isOver(minutes: number, idleMs: number): boolean {
  return minutes > 0 && idleMs >= minutes * 60_000;
}

function isNight(night: string, time: Date): boolean {
  const [from, to] = night.split('-').map(minutesOf);
  if (from === undefined || to === undefined) return false;
  const now = time.getHours() * 60 + time.getMinutes();
  return from < to ? now >= from && now < to : now >= from || now < to;
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

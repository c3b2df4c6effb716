import type { DeviceView } from '../../../../device/contract/state.ts';

export type CareSettings = Pick<DeviceView['kiosk'], 'pixelShift' | 'dimAfterMinutes' | 'night' | 'nightBrightness'>;

/** Time without a face before the page is dimmed at night, so that it stays bright for a person who looks away. */
export const nightHoldMs = 30_000;

/**
 * Whether the page is dimmed.
 *
 * @param idleMs since the last face, touch or key
 * @param time of the clock of the screen
 */
export function isDimmed({ dimAfterMinutes, night }: CareSettings, idleMs: number, time: Date): boolean {
  if (dimAfterMinutes > 0 && idleMs >= dimAfterMinutes * 60_000) return true;
  return idleMs >= nightHoldMs && isNight(night, time);
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

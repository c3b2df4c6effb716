import type { DeviceState } from '../../core/state.ts';

/** What is measured anew every second, and never comes out quite the same. */
const figures: ReadonlySet<string> = new Set([
  'vision.fps',
  'vision.droppedFps',
  'vision.latencyMs',
  'vision.memoryMb',
  'governor.temperatureC',
]);

/**
 * Whether a state says anything new to those who know the one `before`. A figure that has moved by no more than 1, or a tenth,
 * does not: each message is kept by the broker, and by most of those who listen, in a database.
 */
export function isNews(now: DeviceState, before: DeviceState | undefined): boolean {
  return differs(now, before);
}

function differs(now: unknown, before: unknown, path: readonly string[] = []): boolean {
  if (typeof now === 'number' && typeof before === 'number' && figures.has(path.join('.'))) {
    return Math.abs(now - before) > Math.max(1, 0.1 * Math.abs(before));
  }
  if (!isRecord(now) || !isRecord(before)) return now !== before;
  const keys = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...keys].some((key) => differs(now[key], before[key], [...path, key]));
}

/** An array too: its items by their numbers. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

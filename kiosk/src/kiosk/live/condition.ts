import type { CameraCode, VisionCode } from '../../../../device/core/codes.ts';
import type { DeviceState } from '../../../../device/core/state.ts';

/** Present condition of the picture on the screen. */
export type Condition =
  | { readonly kind: 'connecting' | 'live' | 'loading' | 'starting' | 'restarting' | 'ended' | 'paused' }
  /** The device's own words are for its operator; the page has a text for each code. */
  | { readonly kind: 'lost'; readonly code: CameraCode | undefined }
  | { readonly kind: 'model'; readonly code: ModelCode }
  | { readonly kind: 'stale' | 'gone'; readonly ageSeconds: number | undefined };

/** Faults that a restart does not repair. */
type ModelCode = Extract<VisionCode, `model-${string}`>;

/** Age from which a picture is stale, plus the time of two frames of its source. */
export const staleMs = 2000;

export interface Evidence {
  readonly connected: boolean;
  readonly state: DeviceState | undefined;
  /** Monotonic ms at which the newest picture was drawn. */
  readonly drawnAt: number | undefined;
  /** Monotonic ms. */
  readonly now: number;
}

export function judge({ connected, state, drawnAt, now }: Evidence): Condition {
  const age = drawnAt === undefined ? undefined : now - drawnAt;
  const ageSeconds = age === undefined ? undefined : Math.floor(age / 1000);
  if (!state) return { kind: 'connecting' };
  if (!connected) return { kind: 'gone', ageSeconds };
  if (state.camera.state === 'paused') return { kind: 'paused' };
  if (state.camera.state === 'lost') return { kind: 'lost', code: state.camera.code };
  const { fps } = state.camera;
  if (age !== undefined && age <= staleMs + (fps ? 2000 / fps : 0)) return { kind: 'live' };
  if (state.camera.state === 'ended') return { kind: 'ended' };
  // The device restarts recognition again and again, which does not repair a missing file.
  const { code } = state.vision;
  if (code === 'model-missing' || code === 'model-invalid') return { kind: 'model', code };
  if (state.camera.state === 'loading') return { kind: 'loading' };
  if (state.vision.state === 'restarting') return { kind: 'restarting' };
  if (age === undefined || state.camera.state === 'starting' || state.vision.state === 'starting') {
    return { kind: 'starting' };
  }
  return { kind: 'stale', ageSeconds };
}

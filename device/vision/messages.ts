import type { Config } from '../config/schema.ts';
import type { CameraCode } from '../core/codes.ts';
import type { Reading } from '../core/types.ts';
import type { StageSpan } from './stage-times.ts';

/** What the daemon tells the vision process. */
export type ToVision =
  | {
      readonly type: 'start';
      readonly settings: VisionSettings;
      /** Track numbers start here, so that none is given twice when the process was restarted. */
      readonly firstTrack: number;
    }
  /** Which pictures somebody is watching; nothing is encoded for nobody. */
  | { readonly type: 'watch'; readonly plain: boolean; readonly annotated: boolean }
  /** Look at this many frames a second at most from now on. */
  | { readonly type: 'limit'; readonly fps: number }
  /** Work with these from now on; `firstTrack` is for the case that tracking begins anew. */
  | { readonly type: 'settings'; readonly settings: VisionSettings; readonly firstTrack: number }
  /** Close the camera and look at nothing, or begin again. */
  | { readonly type: 'pause'; readonly paused: boolean }
  | { readonly type: 'stop' };

/** What the vision process tells the daemon. Each message also says that it is alive. */
export type FromVision =
  | {
      readonly type: 'ready';
      readonly detector: string;
      readonly model: string;
      readonly precision: 'fp32' | 'int8';
      readonly labels: readonly string[];
      /** Whether faces may be called `uncertain`. */
      readonly uncertain: boolean;
      readonly warning?: string;
      /** Which detector works instead of the first choice, where faces are found as well. */
      readonly note?: string;
    }
  /** About to make a call that may block for longer than a frame: opening a camera. */
  | { readonly type: 'opening' }
  | {
      readonly type: 'online';
      readonly description: string;
      readonly width: number;
      readonly height: number;
      readonly fps: number;
    }
  | { readonly type: 'lost'; readonly reason: string; readonly code: CameraCode }
  | { readonly type: 'ended' }
  /** The camera is closed because of a pause. */
  | { readonly type: 'paused' }
  | {
      readonly type: 'reading';
      readonly reading: Reading;
      readonly plain?: Uint8Array;
      readonly annotated?: Uint8Array;
    }
  /** Once a second, or more often where `camera.stallMs` is short; also when there are no frames. */
  | {
      readonly type: 'stats';
      readonly fps: number;
      readonly droppedFps: number;
      readonly latencyMs: number | undefined;
      readonly detector: string;
      /** Milliseconds a frame. */
      readonly stages: Readonly<Record<string, StageSpan>>;
    }
  /** It cannot work until somebody changes something, e.g. a model that does not match its card. */
  | { readonly type: 'fatal'; readonly message: string; readonly remedy: string; readonly code: number };

/** The part of the configuration that the vision process needs; no secret is in it. */
export type VisionSettings = Pick<Config, 'camera' | 'detect' | 'classify' | 'track'> & {
  readonly modelsDir: string;
  readonly jpegQuality: number;
  readonly streamFps: number;
};

export function visionSettings(config: Config, modelsDir: string): VisionSettings {
  const { camera, classify, track, http } = config;
  // As fast as possible: as many frames as the machine can look at, and the same result on each machine.
  const detect = { ...config.detect, adaptive: config.detect.adaptive && camera.pace === 'source' };
  return { camera, detect, classify, track, modelsDir, jpegQuality: http.jpegQuality, streamFps: http.streamFps };
}

import type { Config } from '../config/schema.ts';
import type { CameraCode } from '../core/codes.ts';
import type { Reading } from '../core/types.ts';
import type { StageSpan } from './stage-times.ts';
import type { VisionTotals } from './totals.ts';

/** Messages from the daemon to the vision process. */
export type ToVision =
  | {
      readonly type: 'start';
      readonly settings: VisionSettings;
      /** First track id, so that none is reused after a restart of the process. */
      readonly firstTrack: number;
    }
  /** Which kinds of picture have viewers; the others are not encoded. */
  | { readonly type: 'watch'; readonly plain: boolean; readonly annotated: boolean }
  /** Maximum processed frames per second from now on. */
  | { readonly type: 'limit'; readonly fps: number }
  /** New settings from now on; `firstTrack` is used if tracking restarts. */
  | { readonly type: 'settings'; readonly settings: VisionSettings; readonly firstTrack: number }
  /** Close the camera and process nothing, or resume. */
  | { readonly type: 'pause'; readonly paused: boolean }
  | { readonly type: 'stop' };

/** Messages from the vision process to the daemon. Each is also a sign of life. */
export type FromVision =
  | {
      readonly type: 'ready';
      readonly detector: string;
      readonly model: string;
      /** Name of the model, and the first 8 digits of the SHA-256 of its file: `residual-cnn@1a2b3c4d`. */
      readonly modelId: string;
      readonly precision: 'fp32' | 'int8';
      readonly labels: readonly string[];
      /** Whether faces may be called `uncertain`. */
      readonly uncertain: boolean;
      readonly warning?: string;
      /** Set where the second choice of detector is used, which finds faces equally well. */
      readonly note?: string;
    }
  /** A call follows that may block for longer than a frame: opening a camera. */
  | { readonly type: 'opening' }
  | {
      readonly type: 'online';
      readonly description: string;
      readonly width: number;
      readonly height: number;
      readonly fps: number;
    }
  /**
   * A picture has arrived whose processing may take much longer than others, because runtimes and threads are measured
   * with it. `measured` follows when it was processed.
   */
  | { readonly type: 'measuring' }
  | { readonly type: 'measured' }
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
  /** Once a second, or more often with a short `camera.stallMs`; also without frames. */
  | {
      readonly type: 'stats';
      readonly fps: number;
      readonly droppedFps: number;
      readonly latencyMs: number | undefined;
      readonly detector: string;
      /** Milliseconds a frame. */
      readonly stages: Readonly<Record<string, StageSpan>>;
      /** Counts since the start of this process. */
      readonly totals: VisionTotals;
    }
  /** It cannot work until an operator changes something, such as a model that does not match its card. */
  | { readonly type: 'fatal'; readonly message: string; readonly remedy: string; readonly code: number };

/** The part of the configuration that the vision process needs; it contains no secret. */
export type VisionSettings = Pick<Config, 'camera' | 'detect' | 'classify' | 'track'> & {
  readonly modelsDir: string;
  readonly jpegQuality: number;
  readonly streamFps: number;
};

export function visionSettings(config: Config, modelsDir: string): VisionSettings {
  const { camera, classify, track, http } = config;
  // At full pace every frame is processed, so that each machine gives the same result.
  const detect = { ...config.detect, adaptive: config.detect.adaptive && camera.pace === 'source' };
  return { camera, detect, classify, track, modelsDir, jpegQuality: http.jpegQuality, streamFps: http.streamFps };
}

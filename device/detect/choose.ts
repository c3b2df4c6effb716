import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { readManifest } from '../core/manifest.ts';
import type { DetectLimits, Detector } from './detector.ts';
import { createHaarDetector } from './haar.ts';
import { createYunetDetector } from './yunet.ts';

export const yunetFile = 'face_detection_yunet_2023mar.onnx';

export interface DetectOptions extends DetectLimits {
  readonly detector: 'auto' | 'yunet' | 'haar';
  readonly modelsDir: string;
  /** Of YuNet; 0: one or two, whichever this board gains from. */
  readonly threads?: number;
}

/**
 * YuNet where its file is, the Haar cascade otherwise; then `warning` says how to get the better one.
 *
 * @throws MienError when the detector asked for is not there or its file is not the pinned one.
 */
export function chooseDetector(options: DetectOptions): { detector: Detector; warning?: string } {
  const file = join(options.modelsDir, yunetFile);
  if (options.detector === 'haar') return { detector: createHaarDetector(options) };
  if (existsSync(file)) {
    requirePinned(file);
    return { detector: createYunetDetector({ ...options, file }) };
  }
  if (options.detector === 'yunet') {
    throw new MienError(`Model missing: ${file}`, {
      code: exitCode.noInput,
      remedy: 'Fetch it with: mien models pull',
    });
  }
  return {
    detector: createHaarDetector(options),
    warning:
      'Faces are found by the older Haar cascade, which misses turned and small ones. Get YuNet with: mien models pull',
  };
}

function requirePinned(file: string): void {
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const pinned = pinnedSha256();
  if (sha256 === pinned) return;
  throw new MienError(
    `${file} is not the pinned YuNet (expected sha256 ${pinned.slice(0, 12)}..., got ${sha256.slice(0, 12)}...)`,
    {
      code: exitCode.badData,
      remedy: 'Delete it and fetch it again with: mien models pull',
    },
  );
}

/** From models/manifest.json, which `mien models pull` and doctor go by too. */
function pinnedSha256(): string {
  const model = readManifest().models.find(({ file }) => file === yunetFile);
  if (model) return model.sha256;
  throw new MienError(`models/manifest.json does not pin ${yunetFile}`, {
    code: exitCode.badData,
    remedy: 'Restore it from the repository',
  });
}

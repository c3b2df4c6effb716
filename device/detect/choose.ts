import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { type PinnedModel, pinnedModel } from '../core/manifest.ts';
import { createBlazefaceDetector } from './blazeface.ts';
import type { DetectLimits, Detector } from './detector.ts';
import { createHaarDetector } from './haar.ts';
import { createYunetDetector } from './yunet.ts';

export const yunetFile = 'face_detection_yunet_2023mar.onnx';
export const blazefaceFile = 'face_detection_back_256x256_barracuda.onnx';

export interface DetectOptions extends DetectLimits {
  readonly detector: 'auto' | NetworkName | 'haar';
  readonly modelsDir: string;
  /** Threads of a network; 0: one or two, whichever is faster on this board. */
  readonly threads?: number;
}

type NetworkName = (typeof networks)[number]['name'];

/** The detectors that are networks, in the order of preference for `auto`. */
const networks = [
  { name: 'yunet', title: 'YuNet', create: createYunetDetector },
  { name: 'blazeface', title: 'BlazeFace', create: createBlazefaceDetector },
] as const;

export interface ChosenDetector {
  readonly detector: Detector;
  /** Set where a better detector exists but is absent; includes the remedy. */
  readonly warning?: string;
  /** Set where the second choice is used, which finds faces equally well. */
  readonly note?: string;
}

/**
 * The requested detector; for `auto` the first available one of YuNet, BlazeFace and the Haar cascade.
 *
 * @throws MienError when the requested detector is absent or its file is not the pinned one.
 */
export function chooseDetector(options: DetectOptions): ChosenDetector {
  if (options.detector === 'haar') return { detector: createHaarDetector(options) };
  const candidates = networks.filter(({ name }) => options.detector === 'auto' || options.detector === name);
  const present = candidates.find(({ name }) => existsSync(fileOf(name, options.modelsDir)));
  if (present) {
    const file = fileOf(present.name, options.modelsDir);
    requirePinned(file, present.title, pinnedModel(present.name));
    const detector = present.create({ ...options, file });
    return present === candidates[0] ? { detector } : { detector, note: secondChoiceNote };
  }
  if (options.detector !== 'auto') {
    throw new MienError(`Model missing: ${fileOf(options.detector, options.modelsDir)}`, {
      code: exitCode.noInput,
      remedy: `Fetch it with: mien models pull ${options.detector}`,
    });
  }
  return { detector: createHaarDetector(options), warning: fallbackWarning };
}

const secondChoiceNote =
  'Faces are found by BlazeFace, because YuNet is not there. Get YuNet with: mien models pull yunet';
const fallbackWarning =
  'Faces are found by the older Haar cascade, which misses turned and small ones. Get YuNet or BlazeFace with: mien models pull';

function fileOf(name: NetworkName, modelsDir: string): string {
  return join(modelsDir, pinnedModel(name).file);
}

function requirePinned(file: string, title: string, { name, sha256: pinned }: PinnedModel): void {
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (sha256 === pinned) return;
  throw new MienError(
    `${file} is not the pinned ${title} (expected sha256 ${pinned.slice(0, 12)}..., got ${sha256.slice(0, 12)}...)`,
    {
      code: exitCode.badData,
      remedy: `Delete it and fetch it again with: mien models pull ${name}`,
    },
  );
}

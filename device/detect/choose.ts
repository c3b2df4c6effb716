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
  /** Of a network; 0: one or two, whichever this board gains from. */
  readonly threads?: number;
}

type NetworkName = (typeof networks)[number]['name'];

/** The detectors that are networks, in the order in which `auto` takes them. */
const networks = [
  { name: 'yunet', title: 'YuNet', create: createYunetDetector },
  { name: 'blazeface', title: 'BlazeFace', create: createBlazefaceDetector },
] as const;

export interface ChosenDetector {
  readonly detector: Detector;
  /** Faces are found less well than they could be, with the remedy. */
  readonly warning?: string;
  /** Another detector than the first choice, which finds faces as well. */
  readonly note?: string;
}

/**
 * The detector asked for; `auto`: the first of YuNet, BlazeFace and the Haar cascade that is there.
 *
 * @throws MienError when the detector asked for is not there or its file is not the pinned one.
 */
export function chooseDetector(options: DetectOptions): ChosenDetector {
  if (options.detector === 'haar') return { detector: createHaarDetector(options) };
  const candidates = networks.filter(({ name }) => options.detector === 'auto' || options.detector === name);
  const present = candidates.find(({ name }) => existsSync(fileOf(name, options.modelsDir)));
  if (present) {
    const file = fileOf(present.name, options.modelsDir);
    requirePinned(file, present.title, pinnedModel(present.name));
    const detector = present.create({ ...options, file });
    return present === candidates[0] ? { detector } : { detector, note: secondChoice };
  }
  if (options.detector !== 'auto') {
    throw new MienError(`Model missing: ${fileOf(options.detector, options.modelsDir)}`, {
      code: exitCode.noInput,
      remedy: `Fetch it with: mien models pull ${options.detector}`,
    });
  }
  return { detector: createHaarDetector(options), warning: fallback };
}

const secondChoice = 'Faces are found by BlazeFace, because YuNet is not there. Get YuNet with: mien models pull yunet';
const fallback =
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

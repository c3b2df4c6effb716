import { type AbstentionLimits, isUncertain, reasonOf } from '../../classify/abstention.ts';
import type { Classified, Classifier } from '../../classify/classifier.ts';
import { withOffsets } from '../../classify/sensitivity.ts';
import { type CropBatch, digestCrops, type LabelledFile, readCrops } from './crops.ts';
import { averageOf, mirrorRows } from './mirror.ts';
import { rounded } from './scores.ts';

/** One picture and its prediction. */
export interface Judged extends LabelledFile {
  readonly seen: Classified;
  /** Digest of its pixels; only for the search of copies. */
  readonly digest?: string;
}

/** Classifies every picture once. @param digests whether to compute digests, for the search of exact copies */
export async function judgeCrops(
  folder: string,
  files: readonly LabelledFile[],
  classifier: Classifier,
  digests: boolean,
): Promise<{ judged: Judged[]; latency: { medianMs: number; runs: number } }> {
  const judged: Judged[] = [];
  let first: CropBatch | undefined;
  for await (const batch of readCrops(folder, files, classifier.card.input)) {
    first ??= batch;
    const classified = await classifier.classify(batch.crops, batch.files.length);
    const digest = digests ? digestCrops(batch) : [];
    judged.push(...batch.files.map((file, index) => ({ ...file, seen: classified[index]!, digest: digest[index] })));
  }
  return { judged, latency: await measureLatency(classifier, first!) };
}

/** Classifies mirrored crops, and averages both passes by their logits, as the live path does. */
export async function judgeMirrored(folder: string, plain: readonly Judged[], classifier: Classifier) {
  const { input } = classifier.card;
  const alone: Judged[] = [];
  for await (const { files, crops } of readCrops(folder, plain, input)) {
    const classified = await classifier.classify(mirrorRows(crops, input.width), files.length);
    alone.push(...files.map((file, index) => ({ ...file, seen: classified[index]! })));
  }
  const averaged = alone.map((face, index) => ({ ...face, seen: averageOf(plain[index]!.seen, face.seen) }));
  return { alone, averaged };
}

/** The predictions at an operating point, without running the network again. */
export function shiftAll(faces: readonly Judged[], offsets: Readonly<Record<string, number>>): Judged[] {
  return faces.map((face) => ({
    ...face,
    seen: { ...face.seen, probabilities: withOffsets(face.seen.probabilities, offsets) },
  }));
}

/** Splits faces into labelled and `uncertain` ones as the device does, and counts the reasons. */
export function abstain(faces: readonly Judged[], limits: AbstentionLimits) {
  const unnamed = faces.filter(({ seen }) => isUncertain(seen, limits));
  const reasons: Record<string, number> = {};
  for (const { seen } of unnamed) {
    const reason = reasonOf(seen, limits);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return { unnamed, named: faces.filter(({ seen }) => !isUncertain(seen, limits)), reasons };
}

/** Latency from the crop of one face to its probabilities, in ms. */
async function measureLatency(classifier: Classifier, { crops, files }: CropBatch) {
  const warmUps = 10;
  const runs = 100;
  const size = crops.length / files.length;
  const times: number[] = [];
  for (let run = 0; run < warmUps + runs; run++) {
    const at = (run % files.length) * size;
    const start = performance.now();
    await classifier.classify(crops.subarray(at, at + size), 1);
    times.push(performance.now() - start);
  }
  const sorted = times.slice(warmUps).sort((a, b) => a - b);
  return { medianMs: rounded(sorted[runs / 2]!), runs };
}

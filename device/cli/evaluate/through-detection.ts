import { mkdirSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { readPicture } from '../../camera/picture.ts';
import type { Classifier } from '../../classify/classifier.ts';
import { type CropRegion, cropSquare, cutCrop, wholePicture } from '../../classify/crop.ts';
import { mostProbable } from '../../classify/smooth.ts';
import { exitCode, MienError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model-card.ts';
import { cv, type Mat } from '../../core/opencv.ts';
import type { Detection } from '../../core/types.ts';
import type { Detector } from '../../detect/detector.ts';
import { cropRegionOf } from '../../vision/crop-region.ts';
import { Progress } from '../progress.ts';
import { type LabelledFile, listCrops } from './crops.ts';
import { averageOf, mirrorRows } from './mirror.ts';
import { paintScene, type Scene } from './scene.ts';
import { rounded, share } from './scores.ts';

export interface ThroughDetectionOptions {
  /** Heights of the faces in the frame, in pixels. */
  readonly heights: readonly number[];
  /** Tilt of the heads, in degrees. */
  readonly tilt: number;
  /** Uses every n-th picture of the folder. */
  readonly every: number;
  readonly frame: { readonly width: number; readonly height: number };
  /** Target folder for the aligned crops, as <class>/<name of the picture>-<height>.png. */
  readonly crops?: string;
}

/** Ways to get the crop of a face, from the picture itself to the way of the device, for one frame and over time. */
const ways = ['bare', 'knownPlace', 'boxCrop', 'aligned', 'overTime'] as const;
type Way = (typeof ways)[number];

/** Share of right labels per way to the crop. */
type Accuracies = Readonly<Record<Way, number | null>>;

/** Results for the faces at one height. */
export interface ThroughDetection {
  readonly height: number;
  readonly faces: number;
  readonly found: number;
  /** Accuracy for the found faces, which are the same for every way. */
  readonly ofFound: Accuracies;
  /** Accuracy for all faces. A face without a detection has no box, which counts as wrong. */
  readonly ofAll: Accuracies;
}

/**
 * Scores the whole path from frame to label: it pastes each labelled crop into a frame at a given height, and runs the
 * device's own detector, crop and classifier on it. Compared with the bare crop, and with the crop at the known place, this
 * shows the accuracy lost by detection, by cropping, and by the height alone.
 *
 * @throws MienError (noInput, badData) for an unusable folder or picture, (usage) for faces that do not fit the frame
 */
export async function scoreThroughDetection(
  folder: string,
  { classifier, detector }: { readonly classifier: Classifier; readonly detector: Detector },
  options: ThroughDetectionOptions,
): Promise<ThroughDetection[]> {
  requireFit(options);
  const files = (await listCrops(folder, classifier.card.labels)).filter((_, index) => index % options.every === 0);
  const tallies = options.heights.map((height) => new Tally(height));
  const progress = new Progress(`pictures of ${folder}`, files.length);
  for (const [index, file] of files.entries()) {
    const picture = readPicture(file.path);
    for (const tally of tallies) {
      const scene = paintScene(picture, { ...options, faceHeight: tally.height });
      const found = faceAt(scene.place, await detector.detect(scene.frame));
      const { labels, aligned } = await look({ picture, scene, found }, classifier, detector);
      tally.add(labels, labelOf(file, classifier));
      if (options.crops && aligned) writeCrop(options.crops, file, tally.height, aligned, classifier.card);
      scene.frame.release();
    }
    picture.release();
    progress.update(index + 1);
  }
  progress.finish();
  return tallies.map((tally) => tally.result());
}

function requireFit({ heights, frame }: ThroughDetectionOptions): void {
  const max = Math.floor(Math.min(frame.width, frame.height) / 2);
  const bad = heights.find((height) => height < 8 || height > max);
  if (bad === undefined) return;
  throw new MienError(`Faces of ${bad} px do not fit (expected 8 to ${max} px, half of the frame's height)`, {
    code: exitCode.usage,
    remedy: 'Change --heights, or camera.width and camera.height',
  });
}

/** The best detection whose middle is in the face; detections are sorted by score. */
function faceAt({ center, width }: CropRegion, detections: readonly Detection[]): Detection | undefined {
  return detections.find(
    ({ box }) =>
      Math.abs(box.x + box.width / 2 - center.x) < width / 2 && Math.abs(box.y + box.height / 2 - center.y) < width / 2,
  );
}

interface Trial {
  readonly picture: Mat;
  readonly scene: Scene;
  readonly found: Detection | undefined;
}

/** The predicted label for each way that has a crop. Over time: every other frame is mirrored. */
async function look(
  { picture, scene, found }: Trial,
  classifier: Classifier,
  { boxKind }: Detector,
): Promise<{ labels: Partial<Record<Way, string>>; aligned?: Uint8Array }> {
  const { card } = classifier;
  const places: { way: Way; frame: Mat; place: CropRegion }[] = [
    { way: 'bare', frame: picture, place: wholePicture(picture) },
    { way: 'knownPlace', frame: scene.frame, place: scene.place },
  ];
  if (found) {
    places.push({ way: 'boxCrop', frame: scene.frame, place: cropSquare(found.box, card.crop.box[boxKind]) });
    places.push({ way: 'aligned', frame: scene.frame, place: cropRegionOf(found, boxKind, card) });
  }
  const size = card.input.width * card.input.height;
  const crops = new Uint8Array(places.length * size);
  for (const [index, { frame, place }] of places.entries()) {
    cutCrop(frame, place, card.input, crops.subarray(index * size, (index + 1) * size));
  }
  const seen = await classifier.classify(crops, places.length);
  const labels = Object.fromEntries(places.map(({ way }, index) => [way, mostProbable(seen[index]!.probabilities)]));
  if (!found) return { labels };
  const aligned = crops.subarray(-size);
  const [mirrored] = await classifier.classify(mirrorRows(aligned, card.input.width), 1);
  return { labels: { ...labels, overTime: mostProbable(averageOf(seen.at(-1)!, mirrored!).probabilities) }, aligned };
}

/** @throws MienError (cannotWrite) */
function writeCrop(
  folder: string,
  file: LabelledFile,
  height: number,
  crop: Uint8Array,
  { input, labels }: ModelCard,
): void {
  const ofClass = join(folder, labels[file.truth]!);
  const path = join(ofClass, `${parse(file.path).name}-${height}.png`);
  try {
    mkdirSync(ofClass, { recursive: true });
    writeFileSync(path, cv.imencode('.png', new cv.Mat(Buffer.from(crop), input.height, input.width, cv.CV_8UC1)));
  } catch (error) {
    throw new MienError(`Crop ${path} cannot be written (${(error as NodeJS.ErrnoException).code})`, {
      code: exitCode.cannotWrite,
      remedy: 'Pass a writable folder: --crops DIR',
      cause: error,
    });
  }
}

function labelOf({ truth }: LabelledFile, { card }: Classifier): string {
  return card.labels[truth]!;
}

/** Counts at one height. */
class Tally {
  readonly height: number;
  readonly #right = { ofFound: noHits(), ofAll: noHits() };
  #faces = 0;
  #found = 0;

  constructor(height: number) {
    this.height = height;
  }

  add(labels: Partial<Record<Way, string>>, truth: string): void {
    const isFound = labels.boxCrop !== undefined;
    this.#faces += 1;
    this.#found += isFound ? 1 : 0;
    for (const way of ways) {
      if (labels[way] !== truth) continue;
      this.#right.ofAll[way] += 1;
      this.#right.ofFound[way] += isFound ? 1 : 0;
    }
  }

  result(): ThroughDetection {
    const { ofFound, ofAll } = this.#right;
    return {
      height: this.height,
      faces: this.#faces,
      found: this.#found,
      ofFound: sharesOf(ofFound, this.#found),
      ofAll: sharesOf(ofAll, this.#faces),
    };
  }
}

function noHits(): Record<Way, number> {
  return { bare: 0, knownPlace: 0, boxCrop: 0, aligned: 0, overTime: 0 };
}

function sharesOf(hits: Readonly<Record<Way, number>>, of: number): Accuracies {
  const hitShare = (way: Way) => rounded(share(hits[way], of));
  return {
    bare: hitShare('bare'),
    knownPlace: hitShare('knownPlace'),
    boxCrop: hitShare('boxCrop'),
    aligned: hitShare('aligned'),
    overTime: hitShare('overTime'),
  };
}

/** The results as a table for people; shares in percent. */
export function describeThroughDetection(rows: readonly ThroughDetection[]): string {
  const percent = (value: number | null) => (value === null ? '-' : (100 * value).toFixed(1));
  const cells = (row: ThroughDetection) => [
    `${row.height} px`,
    percent(share(row.found, row.faces)),
    ...ways.map((way) => percent(row.ofFound[way])),
    ...ways.map((way) => percent(row.ofAll[way])),
  ];
  const names = ['bare', 'known place', 'box crop', 'aligned', 'over time'];
  const line = (texts: readonly string[]) => texts.map((text, index) => text.padStart(index < 2 ? 7 : 12)).join('');
  return [
    `${rows[0]?.faces ?? 0} faces; right labels in %`,
    `${''.padStart(14)}${'of the faces found'.padStart(60)}${'of all, not found is wrong'.padStart(60)}`,
    line(['height', 'found', ...names, ...names]),
    ...rows.map((row) => line(cells(row))),
    '',
  ].join('\n');
}

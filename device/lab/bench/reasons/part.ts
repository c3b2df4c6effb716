import { readPicture } from '../../../camera/picture.ts';
import { type Classified, type Classifier, createClassifier } from '../../../classify/classifier.ts';
import { cutCrop, wholePicture } from '../../../classify/crop.ts';
import { type CropMeasures, measureCrop } from '../../../classify/measures.ts';
import { mostProbable } from '../../../classify/smooth.ts';
import { listCrops } from '../../../cli/evaluate/crops.ts';
import { columnOfLabel, joinVotes, readVotes, strictMajority } from '../../../cli/evaluate/fer-plus.ts';
import { paintScene } from '../../../cli/evaluate/scene.ts';
import { reproducible } from '../../../cli/options.ts';
import type { Config } from '../../../config/schema.ts';
import { cv, type Mat } from '../../../core/opencv.ts';
import { chooseDetector } from '../../../detect/choose.ts';
import type { Detector } from '../../../detect/detector.ts';
import { cropRegionOf, measureFace } from '../../../vision/crop-region.ts';
import type { Report } from '../report.ts';
import { degradations } from './degrade.ts';
import { type Judged, judgedRow } from './rows.ts';

export interface ReasonsOptions {
  readonly config: Config;
  readonly modelsDir: string;
  /** A folder <class>/*.png of face crops. */
  readonly faces: string;
  /** FER+'s fer2013new.csv. */
  readonly votes: string;
  /** Takes every n-th picture. */
  readonly every: number;
}

/** A face on which people agree. */
interface Face {
  readonly path: string;
  readonly label: string;
}

/**
 * `npm run bench -- reasons --faces DIR --votes CSV`: how often names agree with people, by what is measured of a crop. The
 * limits of a card's `uncertain` are read off these tables.
 */
export async function benchReasons(options: ReasonsOptions, report: Report): Promise<void> {
  const { config, modelsDir } = options;
  const classifier = await createClassifier({ ...reproducible(config.classify), modelsDir });
  const { detector } = chooseDetector({ ...config.detect, inputWidth: 640, minWidth: 640, modelsDir });
  const faces = await listFaces(options, classifier);
  report.say(`${faces.length} faces that people agree on, model ${classifier.card.name} (${classifier.precision})`);
  const rows = [];
  for (const { cause, level, apply } of degradations) {
    rows.push({ cause, level, ...judgedRow(await judgeChanged(faces, apply, classifier)) });
  }
  report.table('Degraded: agreement with people, and the measure of the cause (quartiles)', rows);
  const turned = await judgeTurned(faces, classifier, detector);
  const steps = [0, 5, 10, 15, 20, 25, 30, 40, 50, 90];
  const turns = steps.slice(1).map((until, index) => {
    const inside = turned.filter(({ measures: { turn = 0 } }) => turn >= steps[index]! && turn < until);
    return { cause: 'turned', level: `${steps[index]} to ${until} degrees`, ...judgedRow(inside) };
  });
  report.table('By the turn of the head, of the faces that are found in a frame', turns);
  report.json('reasons', { faces: faces.length, degraded: rows, turned: turns });
}

async function listFaces({ faces, votes, every }: ReasonsOptions, { card }: Classifier): Promise<Face[]> {
  const files = (await listCrops(faces, card.labels)).filter((_, index) => index % every === 0);
  const joined = joinVotes(
    readVotes(votes),
    files.map(({ path }) => path),
    0.01,
  );
  return files.flatMap(({ path }, index) => {
    const majority = strictMajority(joined[index] ?? []);
    const label = card.labels.find((each) => columnOfLabel[each] === majority);
    return majority && label ? [{ path, label }] : [];
  });
}

const batchSize = 64;

async function judgeChanged(faces: readonly Face[], apply: (grey: Mat) => Mat, classifier: Classifier) {
  const { input } = classifier.card;
  return judge(faces, classifier, async ({ path }, into) => {
    const picture = readPicture(path);
    const grey = picture.channels === 1 ? picture.copy() : picture.cvtColor(cv.COLOR_BGR2GRAY);
    const changed = apply(grey);
    cutCrop(changed, wholePicture(changed), input, into);
    const measures = { side: changed.rows, ...measureCrop(into, input, changed.rows) };
    for (const mat of [picture, grey, changed]) mat.release();
    return measures;
  });
}

async function judgeTurned(faces: readonly Face[], classifier: Classifier, detector: Detector) {
  const { card } = classifier;
  const scene = { faceHeight: 96, tilt: 0, frame: { width: 320, height: 240 } };
  return judge(faces, classifier, async ({ path }, into) => {
    const picture = readPicture(path);
    const { frame } = paintScene(picture, scene);
    const [found] = await detector.detect(frame);
    if (found) cutCrop(frame, cropRegionOf(found, detector.boxKind, card), card.input, into);
    picture.release();
    frame.release();
    return found && measureFace(found, into, detector.boxKind, card);
  });
}

/** @param look writes the crop of a face and measures it; undefined where no face was found */
async function judge(
  faces: readonly Face[],
  classifier: Classifier,
  look: (face: Face, into: Uint8Array) => Promise<CropMeasures | undefined>,
): Promise<Judged[]> {
  const { input } = classifier.card;
  const size = input.width * input.height;
  const judged: Judged[] = [];
  for (let from = 0; from < faces.length; from += batchSize) {
    const wanted = faces.slice(from, from + batchSize);
    const crops = new Uint8Array(wanted.length * size);
    const measures: (CropMeasures | undefined)[] = [];
    for (const [index, face] of wanted.entries()) {
      measures.push(await look(face, crops.subarray(index * size, (index + 1) * size)));
    }
    const seen: Classified[] = await classifier.classify(crops, wanted.length);
    for (const [index, { label }] of wanted.entries()) {
      const { probabilities } = seen[index]!;
      const name = mostProbable(probabilities);
      if (measures[index]) judged.push({ label, name, probability: probabilities[name]!, measures: measures[index] });
    }
  }
  return judged;
}

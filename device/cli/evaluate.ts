import { Command, InvalidArgumentError, Option } from 'commander';
import type { ModelCard } from '../classify/card.ts';
import { type Classified, type Classifier, createClassifier } from '../classify/classifier.ts';
import { doubtLimits, hasLimits, isUncertain } from '../classify/doubt.ts';
import type { Config } from '../config/schema.ts';
import { exitCode, MienError } from '../core/errors.ts';
import type { Probabilities } from '../core/types.ts';
import { chooseDetector } from '../detect/choose.ts';
import { type CropBatch, digestCrops, type LabelledFile, listCrops, maxBadShare, readCrops } from './evaluate/crops.ts';
import { columnOfLabel, joinVotes, readVotes, strictMajority } from './evaluate/fer-plus.ts';
import { averageOf, mirrorRows } from './evaluate/mirror.ts';
import { calibrationError, rounded, scoreGuesses, share } from './evaluate/scores.ts';
import {
  describeThroughDetection,
  scoreThroughDetection,
  type ThroughDetectionOptions,
} from './evaluate/through-detection.ts';
import { configOf, configOptions, modelsDirOf, offline, reproducible, wholeNumber } from './options.ts';

export interface EvaluateOptions {
  /** FER+'s fer2013new.csv. */
  readonly votes?: string;
  /** A folder <class>/*.png of the faces that the model was trained on. */
  readonly duplicatesOf?: string;
  /** Look at each crop in the mirror too. */
  readonly mirrored?: boolean;
}

/** Bins of the calibration error. */
const bins = 15;

export function evaluateCommand(): Command {
  return configOptions(new Command('evaluate'))
    .description(
      'Measure the model on labelled face crops, through the pre-processing and the model that the device uses; prints JSON.',
    )
    .argument('<dir>', 'a folder with <class>/*.png or .jpg')
    .option('--votes <csv>', "FER+'s fer2013new.csv: score against its strict majority too (ferPlus)")
    .option(
      '--duplicates-of <dir>',
      'a folder with <class>/*.png: score also without the exact copies of these (withoutDuplicates)',
    )
    .option(
      '--mirrored',
      'score also the crops in the mirror, and the average of both, which the live path takes over time (mirrored)',
    )
    .addOption(
      new Option(
        '--through-detection',
        'set each crop into a frame of camera.width x camera.height, find it there again, and print what detection and cropping cost, as a table',
      ).conflicts(['votes', 'duplicatesOf', 'mirrored']),
    )
    .option('--heights <px,...>', 'with --through-detection: heights of the faces', pixels, [24, 32, 48, 96, 192])
    .option('--tilt <degrees>', 'with --through-detection: tilt the heads, clockwise', degrees, 0)
    .option('--every <n>', 'with --through-detection: take every n-th picture only', wholeNumber, 1)
    .option('--crops <dir>', 'with --through-detection: write the crops there too, as <class>/*.png, to train on them')
    .action(async (folder: string, options, command: Command) => {
      if (!options.throughDetection) refuseWithoutDetection(command);
      const config = configOf(options);
      const classifier = await createClassifier({
        ...reproducible(config.classify),
        modelsDir: modelsDirOf(config),
        votes: options.votes !== undefined,
      });
      if (options.throughDetection) return throughDetection(folder, classifier, config, options);
      const { votes, duplicatesOf, mirrored } = options as EvaluateOptions;
      const result = await evaluate(folder, classifier, { votes, duplicatesOf, mirrored });
      process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    });
}

/** An option that is ignored would have its user believe that the figure was measured with it. */
function refuseWithoutDetection(command: Command): void {
  for (const name of ['heights', 'tilt', 'every', 'crops']) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    throw new MienError(`Option --${name} goes with --through-detection only`, {
      code: exitCode.usage,
      remedy: 'Add --through-detection, or leave it out',
    });
  }
}

/** Found as in `mien analyze` and `mien classify`, so at 640 px or more: small faces are what it is about. */
async function throughDetection(
  folder: string,
  classifier: Classifier,
  config: Config,
  { heights, tilt, every, crops }: Pick<ThroughDetectionOptions, 'heights' | 'tilt' | 'every' | 'crops'>,
): Promise<void> {
  const { detector, warning, note } = chooseDetector({ ...offline(config.detect), modelsDir: modelsDirOf(config) });
  for (const remark of [warning, note]) if (remark) process.stderr.write(`mien: ${remark}\n`);
  const { width, height } = config.camera;
  const options = { heights, tilt, every: Math.max(1, every), frame: { width, height }, crops };
  const rows = await scoreThroughDetection(folder, { classifier, detector }, options);
  const title = `${detector.description}, frames of ${width}x${height}, model ${classifier.card.name} (${classifier.precision})`;
  process.stdout.write(`${title}\n${describeThroughDetection(rows)}`);
}

function pixels(text: string): number[] {
  return text.split(',').map(wholeNumber);
}

function degrees(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(Math.abs(value) <= 90)) {
    throw new InvalidArgumentError('Expected degrees from -90 to 90, e.g. 20.');
  }
  return value;
}

/** One picture and what the network said of it. */
interface Judged extends LabelledFile {
  readonly seen: Classified;
  /** Of its pixels; only where copies are looked for. */
  readonly digest?: string;
}

/**
 * Scores a classifier on a folder of crops.
 *
 * @throws MienError (noInput) for a folder without classes or a table that is not there, (badData) for a table that is
 * not FER+'s and when more than 1 % of the pictures are unreadable or have no votes.
 */
export async function evaluate(folder: string, classifier: Classifier, options: EvaluateOptions = {}) {
  const { card, precision, threads } = classifier;
  const files = await listCrops(folder, card.labels);
  const table = options.votes === undefined ? undefined : readVotes(options.votes);
  const known = options.duplicatesOf === undefined ? undefined : await digestFolder(options.duplicatesOf, card);
  const { judged, latency } = await judge(folder, files, classifier, known !== undefined);
  const paths = judged.map(({ path }) => path);
  const votes = table && new Map(joinVotes(table, paths, maxBadShare).map((each, index) => [paths[index]!, each]));
  const scoreOf = (faces: readonly Judged[]) => ({
    ...scoreLabels(faces, card.labels),
    ...(votes && { ferPlus: scoreVotes(faces, votes, card) }),
  });
  const { file, bytes, sha256 } = card.files[precision];
  const distinct = known && judged.filter(({ digest }) => !known.has(digest!));
  return {
    model: { name: card.name, precision, threads, file, bytes, sha256, temperature: card.temperature },
    ...scoreOf(judged),
    latency: { ...latency, batch: 1, threads, precision },
    uncertain: scoreDoubt(judged, card),
    ...(options.mirrored && { mirrored: await scoreMirrored(folder, judged, classifier) }),
    ...(distinct && { withoutDuplicates: { duplicates: judged.length - distinct.length, ...scoreOf(distinct) } }),
  };
}

async function judge(folder: string, files: readonly LabelledFile[], classifier: Classifier, digests: boolean) {
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

/** One pass over mirrored crops, and both passes averaged as the live path does it: by their logits. */
async function scoreMirrored(folder: string, plain: readonly Judged[], classifier: Classifier) {
  const { input, labels } = classifier.card;
  const alone: Judged[] = [];
  for await (const { files, crops } of readCrops(folder, plain, input)) {
    const classified = await classifier.classify(mirrorRows(crops, input.width), files.length);
    alone.push(...files.map((file, index) => ({ ...file, seen: classified[index]! })));
  }
  const both = alone.map((face, index) => ({ ...face, seen: averageOf(plain[index]!.seen, face.seen) }));
  return { alone: scoreLabels(alone, labels).accuracy, averaged: scoreLabels(both, labels).accuracy };
}

/** Milliseconds from the crop of one face to its probabilities. */
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

async function digestFolder(folder: string, { labels, input }: ModelCard): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for await (const batch of readCrops(folder, await listCrops(folder, labels), input)) {
    for (const digest of digestCrops(batch)) digests.add(digest);
  }
  return digests;
}

/** Against the classes of the folder. */
function scoreLabels(faces: readonly Judged[], labels: readonly string[]) {
  const guesses = faces.map(({ truth, seen }) => {
    const guess = indexOfLargest(labels.map((label) => seen.probabilities[label]!));
    return { truth, guess, confidence: seen.probabilities[labels[guess]!]!, isHit: truth === guess };
  });
  return { ...scoreGuesses(guesses, labels), ece: calibrationError(guesses, bins), eceBins: bins };
}

/** Against FER+'s strict majority, over the classes that FER+ and the model share. */
function scoreVotes(
  faces: readonly Judged[],
  votes: ReadonlyMap<string, readonly number[] | undefined>,
  card: ModelCard,
) {
  const labels = card.labels.filter((label) => columnOfLabel[label] !== undefined);
  const columns = labels.map((label) => columnOfLabel[label]!);
  // The head that was trained on votes, where there is one; else the other has to answer for it.
  const head = faces.some(({ seen }) => seen.votes) ? 'votes' : 'logits';
  const valuesOf = ({ probabilities, votes: shares }: Classified) =>
    shares ? pick(shares, columns) : pick(probabilities, labels);
  const guesses = faces.flatMap(({ path, seen }) => {
    const majority = strictMajority(votes.get(path) ?? []);
    const truth = majority === undefined ? -1 : columns.indexOf(majority);
    return truth < 0 ? [] : [{ truth, guess: indexOfLargest(valuesOf(seen)) }];
  });
  return { head, rule: 'strict majority', ...scoreGuesses(guesses, labels) };
}

/** How many faces the device would call `uncertain`, seen once; null where the card has no limits for it. */
function scoreDoubt(faces: readonly Judged[], card: ModelCard) {
  const limits = doubtLimits(card);
  if (!hasLimits(limits)) return null;
  const accuracyOf = (chosen: readonly Judged[]) => scoreLabels(chosen, card.labels).accuracy;
  const doubted = faces.filter(({ seen }) => isUncertain(seen, limits));
  const told = faces.filter(({ seen }) => !isUncertain(seen, limits));
  return {
    limits,
    n: doubted.length,
    share: rounded(share(doubted.length, faces.length)),
    accuracy: accuracyOf(doubted),
    accuracyOfOthers: accuracyOf(told),
  };
}

function pick(values: Probabilities, names: readonly string[]): number[] {
  return names.map((name) => values[name]!);
}

function indexOfLargest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

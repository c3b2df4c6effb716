import { Command, InvalidArgumentError, Option } from 'commander';
import { type Classifier, createClassifier } from '../classify/classifier.ts';
import { offsetsOf } from '../classify/sensitivity.ts';
import type { Config } from '../config/schema.ts';
import { exitCode, MienError } from '../core/errors.ts';
import type { Sensitivity } from '../core/labels.ts';
import { type ModelCard, readCard } from '../core/model-card.ts';
import { chooseDetector } from '../detect/choose.ts';
import { digestCrops, listCrops, maxBadShare, readCrops } from './evaluate/crops.ts';
import { joinVotes, readVotes, type VoteTable } from './evaluate/fer-plus.ts';
import { type Judged, judgeCrops, judgeMirrored, shiftAll } from './evaluate/judge.ts';
import { scoreAbstention, scoreOperatingPoints } from './evaluate/operating-points.ts';
import {
  describeThroughDetection,
  scoreThroughDetection,
  type ThroughDetectionOptions,
} from './evaluate/through-detection.ts';
import { describeFolder, describePeople, folderTruth, peopleTruth, scoreFaces } from './evaluate/truth.ts';
import { configOf, configOptions, modelsDirOf, offline, reproducible, wholeNumber } from './options.ts';

export interface EvaluateOptions {
  /** FER+'s fer2013new.csv. */
  readonly votes?: string;
  /** A folder <class>/*.png of the faces that the model was trained on. */
  readonly duplicatesOf?: string;
  /** Also score the mirrored crops. */
  readonly mirrored?: boolean;
  /** The operating point whose labels are scored; default: balanced. */
  readonly sensitivity?: Sensitivity;
  /** The comparison head of this classifier; default: the output that the device shows. */
  readonly head?: ComparisonHead;
}

type ComparisonHead = keyof ModelCard['heads'];

export function evaluateCommand(): Command {
  return configOptions(new Command('evaluate'))
    .description(
      'Measure the model on labelled face crops, with the pre-processing and the model of the device. Prints JSON: first the agreement with people (ferPlus, with --votes), then the agreement with the class folders, and the effect of each classify.sensitivity.',
    )
    .argument('<dir>', 'a folder with <class>/*.png or .jpg')
    .option('--votes <csv>', "FER+'s fer2013new.csv: score against the strict majority of its votes (ferPlus)")
    .addOption(
      new Option(
        '--head <name>',
        'the output to measure: people (what most people would say) or fer2013 (labels of FER-2013, for comparison); default: the output that the device shows',
      ).choices(Object.keys(questions)),
    )
    .option(
      '--duplicates-of <dir>',
      'a folder with <class>/*.png: also score without exact copies of its pictures (withoutDuplicates)',
    )
    .option('--mirrored', 'also score mirrored crops, and the average of both, as in the live path (mirrored)')
    .addOption(
      new Option(
        '--through-detection',
        'paste each crop into a frame of camera.width x camera.height, detect it there, and print a table of the accuracy that detection and cropping cost',
      ).conflicts(['votes', 'duplicatesOf', 'mirrored']),
    )
    .option('--heights <px,...>', 'with --through-detection: heights of the faces', pixels, [24, 32, 48, 96, 192])
    .option('--tilt <degrees>', 'with --through-detection: tilt the heads, clockwise', degrees, 0)
    .option('--every <n>', 'with --through-detection: take every n-th picture only', wholeNumber, 1)
    .option(
      '--crops <dir>',
      'with --through-detection: also write the crops to this folder, as <class>/*.png, for training',
    )
    .action(async (folder: string, options, command: Command) => {
      if (!options.throughDetection) refuseWithoutDetection(command);
      const config = configOf(options);
      const head = comparisonHead(options.head, readCard(modelsDirOf(config), config.classify.model));
      const classifier = await createClassifier({
        ...reproducible(config.classify),
        modelsDir: modelsDirOf(config),
        head,
      });
      if (options.throughDetection) return throughDetection(folder, classifier, config, options);
      const { votes, duplicatesOf, mirrored } = options as EvaluateOptions;
      const { sensitivity } = config.classify;
      const result = await evaluate(folder, classifier, { votes, duplicatesOf, mirrored, sensitivity, head });
      process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    });
}

/**
 * The comparison head; undefined for the output that the device shows.
 *
 * @throws MienError (usage) if the model has no such output
 */
function comparisonHead(wanted: string | undefined, { name, answers, heads }: ModelCard): ComparisonHead | undefined {
  if (wanted === undefined || wanted === answers) return undefined;
  const compared = Object.keys(heads) as ComparisonHead[];
  const head = compared.find((each) => each === wanted);
  if (head) return head;
  throw new MienError(`Model ${name} has no output for ${wanted} (it has ${[answers, ...compared].join(', ')})`, {
    code: exitCode.usage,
    remedy: 'Omit --head, or name one of these',
  });
}

/** Refuses options that would be ignored, because the user would take the figure as measured with them. */
function refuseWithoutDetection(command: Command): void {
  for (const name of ['heights', 'tilt', 'every', 'crops']) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    throw new MienError(`Option --${name} needs --through-detection`, {
      code: exitCode.usage,
      remedy: 'Add --through-detection, or omit the option',
    });
  }
}

/** Detects as `mien analyze` and `mien classify` do, at 640 px or more, because it measures small faces. */
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

/** The question that each output of the network answers. */
const questions = {
  people: 'what most people would say that this face shows',
  fer2013: 'which label FER-2013 gives this face',
} as const;

/**
 * Scores a classifier on a folder of crops: against people if their votes are given, and against the class folders. Labels
 * use `sensitivity`, as on the device; a comparison head has no operating points.
 *
 * @throws MienError (noInput) for a folder without classes or a missing table, (badData) for another table than FER+'s, and
 * if more than 1 % of the pictures are unreadable or have no votes
 */
export async function evaluate(folder: string, classifier: Classifier, options: EvaluateOptions = {}) {
  const { card, precision, threads } = classifier;
  const { sensitivity = 'balanced', head } = options;
  const files = await listCrops(folder, card.labels);
  const table = options.votes === undefined ? undefined : readVotes(options.votes);
  const known = options.duplicatesOf === undefined ? undefined : await digestFolder(options.duplicatesOf, card);
  const { judged: raw, latency } = await judgeCrops(folder, files, classifier, known !== undefined);
  const offsets = head === undefined ? offsetsOf(card, sensitivity) : {};
  const judged = shiftAll(raw, offsets);
  const ofFolder = folderTruth(card.labels);
  const ofPeople = table && peopleTruth(votesOf(judged, table), card.labels);
  const scoreOf = (faces: readonly Judged[]) => ({
    ...(ofPeople && { ferPlus: describePeople(faces, ofPeople) }),
    ...describeFolder(faces, ofFolder),
  });
  const distinct = known && judged.filter(({ digest }) => !known.has(digest!));
  return {
    model: describeModel(classifier, options),
    ...scoreOf(judged),
    ...(head === undefined && {
      sensitivity: scoreOperatingPoints(raw, card, ofPeople ?? ofFolder),
      uncertain: scoreAbstention(judged, card, ofFolder, sensitivity),
    }),
    ...(options.mirrored && { mirrored: await scoreMirrored(folder, raw, classifier, offsets) }),
    ...(distinct && { withoutDuplicates: { duplicates: judged.length - distinct.length, ...scoreOf(distinct) } }),
    latency: { ...latency, batch: 1, threads, precision },
  };
}

function describeModel({ card, precision, threads }: Classifier, { head, sensitivity = 'balanced' }: EvaluateOptions) {
  const { file, bytes, sha256 } = card.files[precision];
  const answers = head ?? card.answers;
  return {
    name: card.name,
    precision,
    threads,
    file,
    bytes,
    sha256,
    head: answers,
    question: questions[answers],
    temperature: head === undefined ? card.temperature : card.heads[head]?.temperature,
    ...(head === undefined && { sensitivity }),
  };
}

function votesOf(faces: readonly Judged[], table: VoteTable) {
  const paths = faces.map(({ path }) => path);
  return new Map(joinVotes(table, paths, maxBadShare).map((votes, index) => [paths[index]!, votes]));
}

async function scoreMirrored(
  folder: string,
  plain: readonly Judged[],
  classifier: Classifier,
  offsets: Readonly<Record<string, number>>,
) {
  const { alone, averaged } = await judgeMirrored(folder, plain, classifier);
  const accuracyOf = (faces: readonly Judged[]) =>
    scoreFaces(shiftAll(faces, offsets), folderTruth(classifier.card.labels)).accuracy;
  return { alone: accuracyOf(alone), averaged: accuracyOf(averaged) };
}

async function digestFolder(folder: string, { labels, input }: ModelCard): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for await (const batch of readCrops(folder, await listCrops(folder, labels), input)) {
    for (const digest of digestCrops(batch)) digests.add(digest);
  }
  return digests;
}

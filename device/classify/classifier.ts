import { exitCode, MienError } from '../core/errors.ts';
import { type ModelCard, outputsOf, type Precision, readCard, readModelFile } from '../core/model-card.ts';
import * as ort from '../core/onnxruntime.ts';
import { restoreFile } from '../core/repair.ts';
import { oneThreadOrTwo } from '../core/threads.ts';
import type { Probabilities } from '../core/types.ts';

/** The network's outputs for one crop. */
export interface Classified {
  /** One probability per label of the card, in the card's order, calibrated by its temperature. */
  readonly probabilities: Probabilities;
  /**
   * Probability that the crop is not a face, or that people could not tell its expression; only where the card has
   * `reject`.
   */
  readonly reject?: number;
  /** Probability that a mask, a hand or an object hides the mouth; only where the card has `covered`. */
  readonly covered?: number;
}

/** Classifies the expression in each crop. */
export interface Classifier {
  readonly card: ModelCard;
  readonly precision: Precision;
  readonly threads: number;
  /**
   * Classifies `count` crops at once.
   *
   * @param crops grey pixels, 0..255, [count, height, width] of the card's input, one after the other
   */
  classify(crops: Uint8Array, count: number): Promise<Classified[]>;
}

export interface ClassifierOptions {
  readonly modelsDir: string;
  readonly model: string;
  readonly precision: 'auto' | Precision;
  /** 0: one or two, see `oneThreadOrTwo`. */
  readonly threads: number;
  /** The output that gives `probabilities`: one of the card's `heads`, for comparison. Default: the card's `output`. */
  readonly head?: string;
}

/**
 * Loads a model as its card describes it, checks that both agree, and warms it up.
 *
 * @throws MienError when card or file are missing or do not match, (usage) when the card has no such head.
 */
export async function createClassifier(options: ClassifierOptions): Promise<Classifier> {
  const card = readCard(options.modelsDir, options.model);
  chooseHead(card, options.head);
  const isAutomatic = options.threads === 0;
  const first = await loadFaster(card, isAutomatic ? { ...options, threads: 1 } : options);
  if (!isAutomatic) return first;
  return oneThreadOrTwo(first, () => load(card, first.precision, { ...options, threads: 2 }), mediansOf);
}

async function loadFaster(card: ModelCard, options: ClassifierOptions): Promise<OnnxClassifier> {
  if (options.precision !== 'auto') return load(card, options.precision, options);
  const int8 = await load(card, 'int8', options);
  const fp32 = await load(card, 'fp32', options);
  const [fp32Ms, int8Ms] = await mediansOf([fp32, int8]);
  const [taken, other] = fp32Ms! * minSpeedup < int8Ms! ? [fp32, int8] : [int8, fp32];
  await other.close();
  return taken;
}

/**
 * Runs per measurement; odd, so that the median is one of them. About 15 ms for both on a server, a quarter of a second
 * on a small board.
 */
const rounds = 15;

/**
 * Speed-up from which fp32 is preferred. Where both take about the same time, noise must not change the choice from
 * start to start.
 */
const minSpeedup = 1.25;

async function load(card: ModelCard, precision: Precision, options: ClassifierOptions): Promise<OnnxClassifier> {
  const bytes = readModelFile(options.modelsDir, card, precision);
  const session = await createSession(bytes, card, precision, options.threads);
  const classifier = new OnnxClassifier({ card, precision, session, threads: options.threads, head: options.head });
  await classifier.classify(new Uint8Array(card.input.width * card.input.height), 1);
  return classifier;
}

async function createSession(bytes: Buffer, card: ModelCard, precision: Precision, threads: number) {
  const file = card.files[precision].file;
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Spinning threads would take the cores from the camera and the detector between two frames.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new MienError(`Model ${file} cannot be loaded (${(error as Error).message.split('\n')[0]})`, {
      code: exitCode.badData,
      remedy: `${restoreFile()}. Own models: export it again with training/`,
      cause: error,
    });
  }
  requireShape(session, card, file);
  return session;
}

/** An output with one value per label. */
interface Head {
  readonly name: string;
  readonly temperature: number;
}

function chooseHead({ name, output, temperature, heads }: ModelCard, head: string | undefined): Head {
  if (head === undefined) return { name: output.name, temperature };
  const chosen = Object.entries(heads).find(([each]) => each === head)?.[1];
  if (chosen) return chosen;
  const known = Object.keys(heads);
  throw new MienError(
    `Model ${name} has no head "${head}" (${known.length > 0 ? `it has ${known.join(', ')}` : 'it has none'})`,
    {
      code: exitCode.usage,
      remedy: 'Name one of these, or none for the output that the device shows',
    },
  );
}

/** The device relies on the card: a network of another shape must fail here instead of giving wrong results later. */
function requireShape(session: ort.InferenceSession, card: ModelCard, file: string): void {
  const input = session.inputMetadata.find(({ name }) => name === card.input.name);
  const heads = outputsOf(card);
  const inputMatches =
    input?.isTensor &&
    input.type === 'uint8' &&
    input.shape.length === 4 &&
    input.shape[1] === 1 &&
    input.shape[2] === card.input.height &&
    input.shape[3] === card.input.width;
  const headMatches = ({ name, width }: (typeof heads)[number]) => {
    const output = session.outputMetadata.find((each) => each.name === name);
    return output?.isTensor && output.type === 'float32' && output.shape.length === 2 && output.shape[1] === width;
  };
  if (inputMatches && heads.every(headMatches)) return;
  const outputs = heads.map(({ name, width }) => `${name}: [N,${width}]`).join(', ');
  const expected = `${card.input.name}: uint8 [N,1,${card.input.height},${card.input.width}] -> ${outputs}`;
  throw new MienError(`Model ${file} does not match its card (card: ${expected}; file: ${describe(session)})`, {
    code: exitCode.badData,
    remedy: 'Restore model and card together; they are exported as a pair',
  });
}

function describe(session: ort.InferenceSession): string {
  const side = (values: readonly ort.InferenceSession.ValueMetadata[]) =>
    values
      .map((value) => (value.isTensor ? `${value.name}: ${value.type} [${value.shape.join(',')}]` : value.name))
      .join(', ');
  return `${side(session.inputMetadata)} -> ${side(session.outputMetadata)}`;
}

interface Loaded {
  readonly card: ModelCard;
  readonly precision: Precision;
  readonly threads: number;
  readonly session: ort.InferenceSession;
  readonly head: string | undefined;
}

class OnnxClassifier implements Classifier {
  readonly card: ModelCard;
  readonly precision: Precision;
  readonly threads: number;
  readonly #session: ort.InferenceSession;
  readonly #head: Head;
  readonly #outputs: readonly string[];

  constructor({ card, precision, threads, session, head }: Loaded) {
    this.card = card;
    this.precision = precision;
    this.threads = threads;
    this.#session = session;
    this.#head = chooseHead(card, head);
    this.#outputs = [this.#head, card.reject, card.covered].flatMap((each) => each?.name ?? []);
  }

  close(): Promise<void> {
    return this.#session.release();
  }

  async classify(crops: Uint8Array, count: number): Promise<Classified[]> {
    const { input, labels, reject, covered } = this.card;
    const tensor = new ort.Tensor('uint8', crops, [count, 1, input.height, input.width]);
    const results = await this.#session.run({ [input.name]: tensor }, this.#outputs);
    const valuesOf = (name: string, face: number) => {
      const { data, dims } = results[name]!;
      const width = dims[1]!;
      return (data as Float32Array).subarray(face * width, (face + 1) * width);
    };
    const { name, temperature } = this.#head;
    return Array.from({ length: count }, (_, face) => ({
      probabilities: byLabel(labels, softmax(valuesOf(name, face), temperature)),
      ...(reject && { reject: sigmoid(valuesOf(reject.name, face)[0]!) }),
      ...(covered && { covered: sigmoid(valuesOf(covered.name, face)[0]!) }),
    }));
  }
}

function byLabel(labels: readonly string[], values: readonly number[]): Probabilities {
  return Object.fromEntries(labels.map((label, index) => [label, values[index]!]));
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** softmax(logits / temperature), relative to the largest logit so that it cannot overflow. */
export function softmax(logits: ArrayLike<number>, temperature = 1): number[] {
  const largest = Math.max(...Array.from(logits));
  const powers = Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * Median time per crop of each classifier, in ms. They take turns, so that other load and the CPU frequency affect all
 * alike.
 */
async function mediansOf(classifiers: readonly Classifier[]): Promise<number[]> {
  const times = classifiers.map((classifier) => {
    const { width, height } = classifier.card.input;
    return { classifier, crop: new Uint8Array(width * height).fill(128), all: [] as number[] };
  });
  for (let round = 0; round < rounds; round++) {
    for (const { classifier, crop, all } of times) {
      const start = performance.now();
      await classifier.classify(crop, 1);
      all.push(performance.now() - start);
    }
  }
  return times.map(({ all }) => all.sort((a, b) => a - b)[Math.floor(rounds / 2)]!);
}

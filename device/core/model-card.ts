import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCode, MienError } from './errors.ts';
import { uncertain } from './labels.ts';
import { restoreFile } from './repair.ts';

const onnxFile = z.object({
  file: z.string().regex(/^[\w.-]+\.onnx$/, 'the name of an .onnx file beside the card'),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
});

/** Maps a detector's box to the crop: side = scale * height, centre = box centre + (dx, dy) * height. */
const boxCrop = z.object({ scale: z.number().min(0.3).max(3), dx: z.number(), dy: z.number() });

const point = z.tuple([z.number(), z.number()]);

const labels = z
  .array(z.string())
  .min(2)
  .refine((names) => new Set(names).size === names.length, 'each label once')
  .refine((names) => !names.includes(uncertain), `"${uncertain}" is what the device calls faces without a label`);

const outputName = z.string().min(1);

const share = z.number().gt(0).lt(1);

/** An output of one logit, and the probability (its sigmoid) above which the face is called `uncertain`. */
const detectorHead = z.strictObject({ name: outputName, threshold: share });

/** An operating point between expressive (a label for nearly every face) and calm (few labels). */
const operatingPoint = z.strictObject({
  /** Added to logits / temperature before the softmax, by label; 0 for a missing label. */
  offsets: z.record(z.string(), z.number().min(-10).max(10)),
  /** Minimum probability of the most probable label; below it the face is called `uncertain`. */
  below: share,
});

/**
 * Limits of a measured cause. Beyond `explains` the cause is the reason for an `uncertain` face without a clear
 * expression. Beyond `alone` it makes the face `uncertain` by itself; without `alone` it never does.
 */
const causeLimit = z.strictObject({ alone: z.number().positive().optional(), explains: z.number().positive() });

const metrics = z.looseObject({
  split: z.string(),
  n: z.int().positive(),
  accuracy: z.number().min(0).max(1),
  macroF1: z.number().min(0).max(1),
});

const byQuestion = z.object({ people: metrics.optional(), fer2013: metrics.optional() });

const card = z.object({
  schema: z.literal(2, 'schema 2; cards of schema 1 are written by older versions of training/'),
  name: z.string(),
  task: z.literal('expression'),
  labels,
  files: z.object({ fp32: onnxFile, int8: onnxFile }),
  input: z.object({
    name: z.string(),
    type: z.literal('uint8'),
    layout: z.literal('NCHW'),
    width: z.int().min(8).max(512),
    height: z.int().min(8).max(512),
    channels: z.literal(1),
    color: z.literal('grey'),
  }),
  output: z.object({ name: outputName, kind: z.literal('logits') }),
  /**
   * The question that `output` answers. `people`: what most people would say that this face shows; `fer2013`: which
   * label FER-2013 gives it.
   */
  answers: z.enum(['people', 'fer2013']),
  /** probabilities = softmax(logits / temperature) */
  temperature: z.number().positive(),
  /** Outputs for comparison, with the same labels in the same order; see `head` of `createClassifier`. */
  heads: z
    .strictObject({ fer2013: z.strictObject({ name: outputName, temperature: z.number().positive() }).optional() })
    .default({}),
  /** `reject` is the probability that a crop is not a face, or that people cannot tell its expression. */
  reject: detectorHead.optional(),
  /** `covered` is the probability that a mask, a hand or an object hides the mouth. */
  covered: detectorHead.optional(),
  /** Operating points by the values of `classify.sensitivity`. Without them: `balanced`, no offsets, no limit. */
  sensitivity: z
    .strictObject({ calm: operatingPoint, balanced: operatingPoint, expressive: operatingPoint })
    .optional(),
  /** Limits of the measured causes; a cause without limits is never a reason. Measured by `npm run bench -- reasons`. */
  uncertain: z
    .strictObject({
      /** Side of the crop in pixels of the frame; smaller is worse. */
      small: causeLimit.optional(),
      /** Turn of the head to the side, in degrees, from eyes, nose and mouth; larger is worse. */
      turned: causeLimit.optional(),
      /** Deviation of the grey levels in the middle of the crop, 0..127; smaller is worse. */
      dark: causeLimit.optional(),
      /** Edges of the crop in relation to its contrast, see `measureCrop`; smaller is worse. */
      blurred: causeLimit.optional(),
    })
    .default({}),
  crop: z.object({
    box: z.object({ yunet: boxCrop, blazeface: boxCrop, haar: boxCrop }),
    /** Where the five landmarks lie in the network's input, in its pixels; left and right as seen in the picture. */
    landmarks: z.object({ eyeLeft: point, eyeRight: point, nose: point, mouthLeft: point, mouthRight: point }),
  }),
  /** By file and question; the figures of the question in `answers` are required. */
  metrics: z.object({ fp32: byQuestion, int8: byQuestion }),
  data: z.array(z.string()),
  licence: z.string(),
  training: z.looseObject({ config: z.string(), seed: z.number() }),
});

/**
 * The card beside each expression model: everything that a runtime must know of it, written by training/. One schema
 * for the check at load, the API and `mien models check`.
 */
export const cardSchema = card
  .refine(
    (read) => {
      const names = outputsOf(read).map(({ name }) => name);
      return new Set(names).size === names.length;
    },
    { path: ['output', 'name'], error: 'output, heads, reject and covered must be different outputs of the file' },
  )
  .refine(
    ({ labels: names, sensitivity = {} }) =>
      Object.values(sensitivity).every(({ offsets }) => Object.keys(offsets).every((label) => names.includes(label))),
    { path: ['sensitivity'], error: 'offsets must be of labels of the card' },
  )
  .refine(({ answers, metrics: { fp32, int8 } }) => fp32[answers] && int8[answers], {
    path: ['metrics'],
    error: 'the figures of the question that the card answers must be there, for fp32 and int8',
  });

/** The outputs that a card names, with the length of each one's last dimension. */
export function outputsOf({
  output,
  labels: names,
  heads,
  reject,
  covered,
}: Pick<z.output<typeof card>, 'output' | 'labels' | 'heads' | 'reject' | 'covered'>): readonly {
  readonly name: string;
  readonly width: number;
}[] {
  const compared = Object.values(heads).flatMap((head) => (head ? [{ name: head.name, width: names.length }] : []));
  const single = [reject, covered].flatMap((head) => (head ? [{ name: head.name, width: 1 }] : []));
  return [{ name: output.name, width: names.length }, ...compared, ...single];
}

export type ModelCard = z.output<typeof cardSchema>;
export type Precision = 'fp32' | 'int8';

/**
 * Reads and checks the card of model `name`.
 *
 * @throws MienError (noInput) when it is missing, (badData) with every invalid field.
 */
export function readCard(modelsDir: string, name: string): ModelCard {
  const path = join(modelsDir, `${name}.json`);
  if (!existsSync(path)) {
    throw new MienError(`Model card missing: ${path}`, {
      code: exitCode.noInput,
      remedy: `Set classify.model to a model that is there (mien models list). ${restoreFile()}`,
    });
  }
  const parsed = cardSchema.safeParse(parseJson(path));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'card'}: ${issue.message}`);
  throw badCard(path, faults.join('; '));
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw badCard(path, `not JSON (${(error as Error).message})`);
  }
}

function badCard(path: string, why: string): MienError {
  return new MienError(`Model card ${path} is not usable: ${why}`, {
    code: exitCode.badData,
    remedy: `${restoreFile()}. Own models: export it again with training/`,
  });
}

/**
 * The bytes of a model file, checked against the card.
 *
 * @throws MienError (noInput) when the file is missing, (badData) when size or sha256 differ.
 */
export function readModelFile(modelsDir: string, card: ModelCard, precision: Precision): Buffer {
  const expected = card.files[precision];
  const path = join(modelsDir, expected.file);
  if (!existsSync(path)) {
    throw new MienError(`Model missing: ${path}`, {
      code: exitCode.noInput,
      remedy: `${restoreFile()}, or set classify.model to another one (mien models list)`,
    });
  }
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length === expected.bytes && sha256 === expected.sha256) return bytes;
  throw new MienError(
    `Model ${path} does not match its card (expected ${expected.bytes} bytes with sha256 ${expected.sha256.slice(0, 12)}..., got ${bytes.length} bytes with ${sha256.slice(0, 12)}...)`,
    { code: exitCode.badData, remedy: 'Restore model and card together; they are exported as a pair' },
  );
}

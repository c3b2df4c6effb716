import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCode, MienError } from '../core/errors.ts';
import { uncertain } from '../core/labels.ts';

const onnxFile = z.object({
  file: z.string().regex(/^[\w.-]+\.onnx$/, 'the name of an .onnx file beside the card'),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
});

/** How a detector's box maps to the crop: side = scale * height, centre = box centre + (dx, dy) * height. */
const boxCrop = z.object({ scale: z.number().min(0.3).max(3), dx: z.number(), dy: z.number() });

const point = z.tuple([z.number(), z.number()]);

const labels = z
  .array(z.string())
  .min(2)
  .refine((names) => new Set(names).size === names.length, 'each label once')
  .refine((names) => !names.includes(uncertain), `"${uncertain}" is what the device calls faces without a label`);

/** The columns of FER+'s votes (Barsoum et al. 2016) by the names of its fer2013new.csv. */
export const voteColumns = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
  'unknown',
  'NF',
] as const;

const outputName = z.string().min(1);

const share = z.number().gt(0).lt(1);

const metrics = z.looseObject({
  split: z.string(),
  n: z.int().positive(),
  accuracy: z.number().min(0).max(1),
  macroF1: z.number().min(0).max(1),
});

const card = z.object({
  schema: z.literal(1),
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
  /** probabilities = softmax(logits / temperature) */
  temperature: z.number().positive(),
  /** FER+'s own head: shares of votes = softmax(votes / its temperature). Another target than `labels`, never mixed. */
  votes: z
    .strictObject({
      name: outputName,
      labels: z
        .array(z.enum(voteColumns))
        .refine(
          (names) => names.length === voteColumns.length && new Set(names).size === names.length,
          `FER+'s ten columns, each once: ${voteColumns.join(', ')}`,
        ),
      temperature: z.number().positive(),
    })
    .optional(),
  /** sigmoid(reject) is the probability that a crop is no face, or one that people cannot tell; too much above this. */
  reject: z.strictObject({ name: outputName, threshold: share }).optional(),
  /** The most probable label must have at least this probability, or the face is called `uncertain`. */
  uncertain: z.strictObject({ below: share }).optional(),
  crop: z.object({
    box: z.object({ yunet: boxCrop, blazeface: boxCrop, haar: boxCrop }),
    /** Where the five landmarks lie in the network's input, in its pixels; left and right as seen in the picture. */
    landmarks: z.object({ eyeLeft: point, eyeRight: point, nose: point, mouthLeft: point, mouthRight: point }),
  }),
  metrics: z.object({ fp32: metrics, int8: metrics }),
  data: z.array(z.string()),
  licence: z.string(),
  training: z.looseObject({ config: z.string(), seed: z.number() }),
});

/**
 * The card beside each expression model: everything that a runtime must know of it, written by training/. One schema for
 * the check at load, the API and `mien models check`.
 */
export const cardSchema = card.refine(
  ({ output, votes, reject }) => {
    const names = [output, votes, reject].flatMap((head) => head?.name ?? []);
    return new Set(names).size === names.length;
  },
  { path: ['output', 'name'], error: 'output, votes and reject must be three different outputs of the file' },
);

export type ModelCard = z.output<typeof cardSchema>;
export type Precision = 'fp32' | 'int8';

/**
 * Reads and checks the card of model `name`.
 *
 * @throws MienError (noInput) when there is none, (badData) naming each field that is not as expected.
 */
export function readCard(modelsDir: string, name: string): ModelCard {
  const path = join(modelsDir, `${name}.json`);
  if (!existsSync(path)) {
    throw new MienError(`Model card missing: ${path}`, {
      code: exitCode.noInput,
      remedy: 'Set classify.model to a model that is there (mien models list), or restore the file from the repository',
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
    remedy: 'Export the model again with training/, or restore the card from the repository',
  });
}

/**
 * The bytes of a model file, if they are the ones that the card describes.
 *
 * @throws MienError (noInput) when the file is missing, (badData) when size or sha256 differ.
 */
export function readModelFile(modelsDir: string, card: ModelCard, precision: Precision): Buffer {
  const expected = card.files[precision];
  const path = join(modelsDir, expected.file);
  if (!existsSync(path)) {
    throw new MienError(`Model missing: ${path}`, {
      code: exitCode.noInput,
      remedy: 'Restore it from the repository, or set classify.model to another one (mien models list)',
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

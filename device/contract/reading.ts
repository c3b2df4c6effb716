import { z } from '@hono/zod-openapi';
import { uncertainReasons } from '../core/labels.ts';
import type { Face, Reading, Sample, Visit } from '../core/types.ts';
import { exactly } from './same-shape.ts';

const labelSchema = z
  .string()
  .describe('Apparent expression: the one that most people would see in this face, or `uncertain`.');

const reasonSchema = z
  .enum(uncertainReasons)
  .optional()
  .describe('Why the label is `uncertain`. Absent with every other label.');

const probabilitySchema = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe('Calibrated probability of the label. Absent if it is `uncertain`.');

export const happyShareSchema = z.number().min(0).max(1).nullable();

const probabilitiesSchema = z
  .record(z.string(), z.number().min(0).max(1))
  .readonly()
  .describe('Probability per label, 0 to 1, in the order of the model card.');

export const boxSchema = z
  .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
  .describe('In pixels of the frame. May extend beyond its edge.');

/** A face without its landmarks. They do not leave the process, because they describe the face almost like a picture. */
export type OutsideFace = Omit<Face, 'landmarks'>;

/** The apparent expression of a face. */
export const expressionShape = {
  label: labelSchema,
  reason: reasonSchema,
  probability: probabilitySchema,
  probabilities: probabilitiesSchema,
};

export const faceSchema = exactly<OutsideFace>()(
  z
    .object({
      track: z
        .int()
        .describe('Track id: number of the person in front of the camera. A person who comes back gets a new one.'),
      box: boxSchema,
      score: z.number().describe('Score of the detection, 0 to 1. 1 if the detector has no score.'),
      ...expressionShape,
      reject: z
        .number()
        .optional()
        .describe(
          'Probability that this is not a face, or that people could not name its expression. Only from models that report it.',
        ),
    })
    .openapi('Face'),
);

export const readingSchema = exactly<Omit<Reading, 'faces'> & { readonly faces: readonly OutsideFace[] }>()(
  z
    .object({
      frame: z
        .int()
        .describe(
          'Number of the frame since the source was opened, from 0. A gap means frames that were dropped or not published.',
        ),
      t: z.number().describe('Position in the recording, or time since the camera was opened, in s.'),
      ts: z.number().describe('Wall clock, ms since 1970 (UTC).'),
      mono: z.number().describe('Monotonic clock of the vision process, in ms. Use it for durations.'),
      width: z.int(),
      height: z.int(),
      faces: z.array(faceSchema).readonly(),
      happyShare: happyShareSchema.describe(
        'Faces labelled happy divided by faces with a label other than `uncertain`. Null if there are none.',
      ),
    })
    .openapi('Reading'),
);

export const sampleSchema = exactly<Sample>()(
  z
    .object({
      ts: z.number().describe('Wall clock, ms since 1970 (UTC).'),
      track: z.int(),
      label: z.string().describe('Most frequent label of the frames. May be `uncertain`.'),
      reason: reasonSchema.describe('Most frequent reason if the label is `uncertain`.'),
      probability: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .describe('Mean calibrated probability of the label over the frames with this label. Null with `uncertain`.'),
      probabilities: probabilitiesSchema,
      happyShare: happyShareSchema.describe(
        'Frames labelled happy divided by frames with a label other than `uncertain`. Null if there are none, and in rows of an older version.',
      ),
      score: z.number(),
      frames: z.int().describe('Number of frames with this face.'),
    })
    .openapi('Sample'),
);

export const visitSchema = exactly<Visit>()(
  z
    .object({
      id: z.string().describe('Unique across restarts.'),
      bootId: z.string(),
      seq: z.int(),
      track: z.int(),
      startedAt: z.number().describe('Wall clock, ms since 1970 (UTC).'),
      endedAt: z.number(),
      dwellMs: z.number().describe('Duration in ms, from the monotonic clock.'),
      dominant: z
        .string()
        .describe('Label with the largest share of the time. `uncertain` only if the visit has no other label.'),
      shares: z.record(z.string(), z.number()).readonly().describe('Share of the visit per label, 0 to 1.'),
      reasons: z
        .partialRecord(z.enum(uncertainReasons), z.number().min(0).max(1))
        .readonly()
        .describe(
          'Share of the visit per reason for `uncertain`, without those of 0. Empty in rows of an older version.',
        ),
      happyShare: happyShareSchema.describe(
        'Time labelled happy divided by time with a label other than `uncertain`. Null if there is none.',
      ),
      strongest: z
        .object({ label: z.string(), probability: z.number(), ts: z.number() })
        .nullable()
        .describe('Moment with the highest probability of its label. Null if the visit has only `uncertain`.'),
      confidence: z
        .number()
        .nullable()
        .describe(
          'Mean probability of the label, over the frames with a label other than `uncertain`. Null if there are none.',
        ),
      frames: z.int(),
      cut: z
        .literal(true)
        .optional()
        .describe(
          'The daemon was interrupted during the visit, which may have lasted longer. Absent with every other visit.',
        ),
    })
    .openapi('Visit'),
);

import { z } from '@hono/zod-openapi';
import { uncertainReasons } from '../../core/labels.ts';
import type { Face, Reading, Sample, Visit } from '../../core/types.ts';

export const labelSchema = z
  .string()
  .describe('What most people would say that this face shows: its apparent expression, or `uncertain`.');

export const reasonSchema = z
  .enum(uncertainReasons)
  .optional()
  .describe('Why the label is `uncertain`; absent with every other label.');

export const probabilitySchema = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe('Calibrated probability of the label; absent while it is `uncertain`.');

export const happyShareSchema = z.number().min(0).max(1).nullable();

export const probabilitiesSchema = z
  .record(z.string(), z.number().min(0).max(1))
  .readonly()
  .describe('Per label, 0 to 1, in the order of the model card.');

const point = z.object({ x: z.number(), y: z.number() });

const eyesAndNose = { eyeLeft: point, eyeRight: point, nose: point };

export const boxSchema = z
  .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
  .describe('In pixels of the frame; may reach over its edge.');

const faceSchema = z
  .object({
    track: z.int().describe('Number of the person in front of the camera; a person who comes back has another.'),
    box: boxSchema,
    score: z.number().describe('Of the detection, 0 to 1; 1 where the detector has none.'),
    landmarks: z
      .union([
        z.object({ ...eyesAndNose, mouthLeft: point, mouthRight: point }).describe('Of YuNet.'),
        z
          .object({
            ...eyesAndNose,
            mouth: point.describe('The middle of the mouth.'),
            earLeft: point,
            earRight: point,
          })
          .describe('Of BlazeFace.'),
      ])
      .optional()
      .describe('Left and right as seen in the picture; none from the Haar cascade.'),
    label: labelSchema,
    reason: reasonSchema,
    probability: probabilitySchema,
    probabilities: probabilitiesSchema,
    reject: z
      .number()
      .optional()
      .describe('Probability that this is no face, or one that people could not tell. Only from models that say so.'),
  })
  .openapi('Face') satisfies z.ZodType<Face>;

export const readingSchema = z
  .object({
    frame: z
      .int()
      .describe(
        'Number of the frame since the source was opened, from 0; gaps are frames that were dropped or had nothing to tell.',
      ),
    t: z.number().describe('Seconds into the recording, or since the camera was opened.'),
    ts: z.number().describe('Wall clock, ms since 1970 (UTC).'),
    mono: z.number().describe('Monotonic clock of the vision process, ms; durations are computed from this.'),
    width: z.int(),
    height: z.int(),
    faces: z.array(faceSchema).readonly(),
    happyShare: happyShareSchema.describe(
      'Faces named happy among the faces with a name; null while no face has one. `uncertain` is no name.',
    ),
  })
  .openapi('Reading') satisfies z.ZodType<Reading>;

export const sampleSchema = z
  .object({
    ts: z.number().describe('Wall clock, ms since 1970 (UTC).'),
    track: z.int(),
    label: z.string().describe('The one shown in most of the frames; may be `uncertain`.'),
    reason: reasonSchema.describe('The most frequent reason where the label is `uncertain`.'),
    probability: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Mean calibrated probability of the label over the frames that show it; null with `uncertain`.'),
    probabilities: probabilitiesSchema,
    happyShare: happyShareSchema.describe(
      'Frames named happy among the frames with a name; null without one, and in rows of an older version.',
    ),
    score: z.number(),
    frames: z.int().describe('How many frames it was seen in.'),
  })
  .openapi('Sample') satisfies z.ZodType<Sample>;

export const visitSchema = z
  .object({
    id: z.string().describe('Unique over restarts.'),
    bootId: z.string(),
    seq: z.int(),
    track: z.int(),
    startedAt: z.number().describe('Wall clock, ms since 1970 (UTC).'),
    endedAt: z.number(),
    dwellMs: z.number().describe('From the monotonic clock.'),
    dominant: z
      .string()
      .describe('The label with the largest share of the time; `uncertain` only for a visit without a named moment.'),
    shares: z.record(z.string(), z.number()).readonly().describe('Share of the stay per label, 0 to 1.'),
    reasons: z
      .partialRecord(z.enum(uncertainReasons), z.number().min(0).max(1))
      .readonly()
      .describe(
        'Share of the stay per reason for `uncertain`, only those above 0. Rows of an older version have none.',
      ),
    happyShare: happyShareSchema.describe(
      'Time happy among the time with a name; null for a visit without a named moment.',
    ),
    strongest: z
      .object({ label: z.string(), probability: z.number(), ts: z.number() })
      .nullable()
      .describe('The clearest named moment; null where there is none.'),
    confidence: z
      .number()
      .nullable()
      .describe('Mean probability of the label shown, over the frames with a name; null where there is none.'),
    frames: z.int(),
    cut: z
      .literal(true)
      .optional()
      .describe(
        'The device was cut off during the visit, which may have lasted longer; absent with every other visit.',
      ),
  })
  .openapi('Visit') satisfies z.ZodType<Visit>;

import { z } from '@hono/zod-openapi';
import { uncertainReasons } from '../../core/labels.ts';
import type { Face, Reading, Sample, Visit } from '../../core/types.ts';

export const probabilitiesSchema = z
  .record(z.string(), z.number().min(0).max(1))
  .readonly()
  .describe('Per label, 0 to 1, in the order of the model card.');

const point = z.object({ x: z.number(), y: z.number() });

const eyesAndNose = { eyeLeft: point, eyeRight: point, nose: point };

export const boxSchema = z
  .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
  .describe('In pixels of the frame; may reach over its edge.');

export const faceSchema = z
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
    label: z.string().describe('The most probable apparent expression, or `uncertain`.'),
    reason: z
      .enum(uncertainReasons)
      .optional()
      .describe('Why the label is `uncertain`; absent with every other label.'),
    probability: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Calibrated probability of the label; absent while it is `uncertain`.'),
    probabilities: probabilitiesSchema,
    reject: z
      .number()
      .optional()
      .describe('Probability that this is no face, or one that people could not tell. Only from models that say so.'),
    votes: probabilitiesSchema.optional(),
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
  })
  .openapi('Reading') satisfies z.ZodType<Reading>;

export const sampleSchema = z
  .object({
    ts: z.number().describe('Wall clock, ms since 1970 (UTC).'),
    track: z.int(),
    label: z.string().describe('The one shown in most of the frames.'),
    probabilities: probabilitiesSchema,
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
    dominant: z.string().describe('The label with the largest share of the time.'),
    shares: z.record(z.string(), z.number()).readonly().describe('Share of the stay per label, 0 to 1.'),
    strongest: z.object({ label: z.string(), probability: z.number(), ts: z.number() }),
    confidence: z.number().describe('Mean probability of the label shown.'),
    frames: z.int(),
  })
  .openapi('Visit') satisfies z.ZodType<Visit>;

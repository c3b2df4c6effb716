import { z } from '@hono/zod-openapi';
import type { Minute, Reading, Visit } from '../../core/types.ts';
import { faceSchema, type OutsideFace, readingSchema, visitSchema } from '../reading.ts';
import { exactly } from '../same-shape.ts';
import type { SnakeCased } from './envelope.ts';

const { reject: _reject, ...publishedFace } = faceSchema.shape;
const { frame, width, height, happyShare } = readingSchema.shape;

type PublishedReading = SnakeCased<Omit<Reading, 't' | 'ts' | 'mono' | 'faces'>> & {
  readonly faces: readonly Omit<OutsideFace, 'reject'>[];
};

export const readingBody = exactly<PublishedReading>()(
  z.object({ frame, width, height, faces: z.array(z.object(publishedFace)).readonly(), happy_share: happyShare }),
);

const { seq: _seq, bootId: _bootId, ...visit } = visitSchema.shape;

export const visitBody = exactly<SnakeCased<Omit<Visit, 'seq' | 'bootId'>>>()(
  z.object({
    id: visit.id,
    track: visit.track,
    started_at: visit.startedAt,
    ended_at: visit.endedAt,
    dwell_ms: visit.dwellMs,
    dominant: visit.dominant,
    shares: visit.shares,
    reasons: visit.reasons,
    happy_share: visit.happyShare,
    strongest: visit.strongest,
    confidence: visit.confidence,
    frames: visit.frames,
    cut: visit.cut,
  }),
);

const seconds = z.number().min(0);

/** A minute in seconds. `uncertain` stands beside the named labels, so that a sum over the labels is time with a name. */
type PublishedMinute = SnakeCased<
  Omit<
    Minute,
    | 'seq'
    | 'bootId'
    | 'startedAt'
    | 'endedAt'
    | 'ended'
    | 'shownMs'
    | 'durationMs'
    | 'watchedMs'
    | 'blindMs'
    | 'pausedMs'
  >
> & {
  readonly start: number;
  readonly duration_s: number;
  readonly seconds: Readonly<Record<string, number>>;
  readonly uncertain_s: number;
  readonly watched_s: number;
  readonly blind_s: number;
  readonly paused_s: number;
};

export const minuteBody = exactly<PublishedMinute>()(
  z.object({
    id: z.string().describe('Unique across restarts.'),
    start: z
      .number()
      .describe(
        'Wall clock, ms since 1970 (UTC). A full minute, unless the daemon started in it or the clock was set.',
      ),
    duration_s: seconds.describe('Time that the record covers: watched_s + blind_s + paused_s. Usually 60.'),
    people: z.int().min(0).describe('Largest number of faces in one frame.'),
    visits_begun: z.int().min(0).describe('Visits that became long enough to count (visits.minDwellMs).'),
    visits_ended: z.int().min(0),
    dwell_ms: z.number().min(0).describe('Total dwell of the visits that ended.'),
    seconds: z
      .record(z.string(), seconds)
      .readonly()
      .describe('Time of all faces per named label: two faces for a minute make 120. Without labels of 0 s.'),
    uncertain_s: seconds.describe('Time of all faces without a named label.'),
    watched_s: seconds.describe('Frames were analysed.'),
    blind_s: seconds.describe('No frames although they were due: camera lost or starting, vision process restarting.'),
    paused_s: seconds.describe('An operator had paused the camera.'),
    model: z.string().describe('Id of the model. Empty until one is loaded.'),
    config: z.string().describe('Id of the configuration without device.name. Changes when a setting changes.'),
    cut: z
      .literal(true)
      .optional()
      .describe('The daemon was interrupted during the minute. Absent with every other record.'),
  }),
);

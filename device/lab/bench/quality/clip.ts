import { openSource } from '../../../camera/open.ts';
import { reproducible } from '../../../cli/options.ts';
import type { Config } from '../../../config/schema.ts';
import type { Clock } from '../../../core/clock.ts';
import { happyShareOf, labelCounts } from '../../../core/labels.ts';
import type { Mat } from '../../../core/opencv.ts';
import type { VisitLog } from '../../../core/sink.ts';
import type { Reading, Visit } from '../../../core/types.ts';
import { createPipeline, type FaceCandidate, facesOf } from '../../../vision/pipeline.ts';
import { createVisitLog } from '../../../visits/visits.ts';
import type { ExpectedPeople } from './expected.ts';
import { ExpressionStories, judgePeople, type PersonResult } from './expressions.ts';
import { matchFrame, type ReferenceFace } from './matching.ts';
import { People } from './people.ts';
import type { Reference } from './reference.ts';
import { TrackStories, type TrackSummary } from './tracks.ts';

/** Smaller faces show no recognizable expression. */
export const minHeight = 24;

/** Agreement with the reference, for faces of `minHeight` and more. */
export interface Agreement {
  readonly found: number;
  readonly missed: number;
  readonly wrong: number;
  /** Frames with a missed or wrong face. */
  readonly missedIn: readonly number[];
  readonly wrongIn: readonly number[];
}

export interface ClipResult {
  readonly clip: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly tracks: readonly TrackSummary[];
  readonly visits: number;
  /** Identity switches: faces of the reference that changed their track. */
  readonly switches: number;
  /** The live result: a face counts from its confirmation on. */
  readonly live: Agreement;
  /** The result in hindsight: as in `mien analyze`, a confirmed face counts from its first frame. */
  readonly decided: Agreement;
  /** Each person compared with the expected expressions; absent without expectations. */
  readonly people?: readonly PersonResult[];
  /** Number of people. */
  readonly peopleExpected?: number;
}

export interface ClipSettings {
  readonly name: string;
  readonly config: Config;
  readonly modelsDir: string;
  readonly reference: Reference;
  /** People in the recording and their expressions. */
  readonly expected?: readonly ExpectedPeople[];
}

interface SeenFrame {
  readonly frame: number;
  readonly reference: readonly ReferenceFace[];
  readonly shown: ReturnType<typeof facesOf>;
  readonly sights: readonly FaceCandidate[];
}

/** Plays a recording through the live pipeline, with the times of the recording, and compares it with the reference. */
export async function judgeClip(
  file: string,
  { name, config, modelsDir, reference, expected }: ClipSettings,
): Promise<ClipResult> {
  const source = await openSource(file, { ...config.camera, loop: false, pace: 'max' });
  const pipeline = await createPipeline({ ...config, classify: reproducible(config.classify), modelsDir });
  const never = new AbortController().signal;
  const time = new RecordingTime();
  const visits = new VisitCount(config, time);
  const people = new People();
  // Faces of any height belong to a person, also those too small to count as missed.
  const everybody = new People();
  const stories = new TrackStories();
  const expressions = new ExpressionStories();
  const seen: SeenFrame[] = [];
  for (let frame = await source.read(never); frame; frame = await source.read(never)) {
    const { mat, t, index } = frame;
    time.at(t);
    const sights = await pipeline.processAll(mat, t * 1000);
    const shown = facesOf(sights);
    visits.add(readingOf(mat, { index, t, faces: shown }));
    const faces = await reference.facesIn(mat);
    mat.release();
    people.add(faces, matchFrame(faces, shown, minHeight), t);
    everybody.add(faces, matchFrame(faces, shown, 0), t);
    const labels = shown.map(({ track, label, reason, box }) => ({ track, label, reason, height: box.height }));
    stories.add(index, t, labels);
    expressions.add(t, labels);
    seen.push({ frame: index, reference: faces, shown, sights });
  }
  source.close();
  const { width, height } = source.info;
  return {
    clip: name,
    width,
    height,
    frames: seen.length,
    tracks: stories.summaries(),
    visits: visits.end(),
    switches: people.switches,
    live: agreement(seen, ({ shown }) => shown),
    // By now the tracks are confirmed or not.
    decided: agreement(seen, ({ sights }) => facesOf(sights)),
    ...(expected && {
      people: judgePeople(
        expressions.ofPeople((track) => everybody.personOf(track)),
        expected,
      ),
      peopleExpected: expected.reduce((sum, { count }) => sum + count, 0),
    }),
  };
}

function agreement(seen: readonly SeenFrame[], shownIn: (frame: SeenFrame) => ReturnType<typeof facesOf>): Agreement {
  const matches = seen.map((each) => ({
    frame: each.frame,
    ...matchFrame(each.reference, shownIn(each), minHeight),
  }));
  const count = (lengthOf: (match: (typeof matches)[number]) => number) =>
    matches.reduce((sum, match) => sum + lengthOf(match), 0);
  return {
    found: count(({ found }) => found.length),
    missed: count(({ missed }) => missed.length),
    wrong: count(({ wrong }) => wrong.length),
    missedIn: matches.filter(({ missed }) => missed.length > 0).map(({ frame }) => frame),
    wrongIn: matches.filter(({ wrong }) => wrong.length > 0).map(({ frame }) => frame),
  };
}

function readingOf(
  { cols: width, rows: height }: Mat,
  { index, t, faces }: { index: number; t: number; faces: Reading['faces'] },
): Reading {
  const happyShare = happyShareOf(labelCounts(faces));
  return { frame: index, t, ts: t * 1000, mono: t * 1000, width, height, faces, happyShare };
}

/** The clock of the daemon, driven by the recording. */
class RecordingTime implements Clock {
  #ms = 0;

  at(seconds: number): void {
    this.#ms = seconds * 1000;
  }

  now(): number {
    return this.#ms;
  }

  mono(): number {
    return this.#ms;
  }
}

class VisitCount {
  readonly #log: VisitLog;
  #visits: Visit[] = [];

  constructor({ visits }: Config, clock: Clock) {
    this.#log = createVisitLog({ ...visits, bootId: 'bench', clock });
  }

  add(reading: Reading): void {
    this.#visits.push(...this.#log.update(reading));
  }

  /** Ends the visits, as at shutdown. */
  end(): number {
    this.#visits.push(...this.#log.flush());
    return this.#visits.length;
  }
}

/**
 * The vision process: camera, detection, tracking, classification. Its own OS process, because native code may block, leak
 * or crash, and the kiosk must not go with it. Started by the supervisor, talks over Node's IPC channel.
 */
import { exitCode, MienError } from '../core/errors.ts';
import { runVisionLoop } from './loop.ts';
import type { FromVision, ToVision, VisionSettings } from './messages.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { Playback } from './playback.ts';
import { StageTimes } from './stage-times.ts';

const stop = new AbortController();
const watched = { plain: false, annotated: false };
const limit = { fps: Number.POSITIVE_INFINITY };
const times = new StageTimes();
let playback: Playback | undefined;
let paused = false;

// Ctrl-C reaches the whole process group; the daemon decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToVision) => {
  if (message.type === 'watch') Object.assign(watched, { plain: message.plain, annotated: message.annotated });
  if (message.type === 'limit') limit.fps = message.fps;
  if (message.type === 'pause') {
    paused = message.paused;
    playback?.pause(paused);
  }
  if (message.type === 'stop') stop.abort();
  if (message.type === 'start') void start(message);
});

async function start({ settings, firstTrack }: Extract<ToVision, { type: 'start' }>): Promise<void> {
  try {
    const deps = {
      pipeline: await createPipeline({ ...settings, firstTrack, times }),
      playback: new Playback(settings),
      times,
      send,
      watched,
      limit,
    };
    playback = deps.playback;
    playback.pause(paused);
    process.on('message', (message: ToVision) => {
      if (message.type === 'settings') void change(deps, message);
    });
    await announce(deps.pipeline);
    await runVisionLoop(deps, stop.signal);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof MienError)) throw error;
    await send({ type: 'fatal', message: error.message, remedy: error.remedy, code: error.code });
    process.exit(exitCode.unavailable);
  }
}

/** What the pipeline was made from takes a new pipeline, which costs no frame: it takes over when it is ready. */
async function change(
  deps: { pipeline: Pipeline; readonly playback: Playback },
  { settings, firstTrack }: Extract<ToVision, { type: 'settings' }>,
): Promise<void> {
  const before = deps.playback.settings;
  deps.playback.change(settings);
  if (madeFrom(before) === madeFrom(settings)) return;
  const pipeline = await createPipeline({ ...settings, firstTrack, times });
  // A later change has overtaken this one.
  if (madeFrom(deps.playback.settings) !== madeFrom(settings)) return;
  deps.pipeline = pipeline;
  await announce(pipeline);
}

function madeFrom({ detect, classify, track, modelsDir }: VisionSettings): string {
  return JSON.stringify({ detect, classify, track, modelsDir });
}

function announce({ classifier: { card, precision }, detector, uncertain, warning }: Pipeline): Promise<void> {
  const { name: model, labels } = card;
  return send({ type: 'ready', detector: detector.description, model, precision, labels, uncertain, warning });
}

function send(message: FromVision): Promise<void> {
  return new Promise((resolve) => {
    // A closed channel means that the daemon is gone; `disconnect` ends this process.
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

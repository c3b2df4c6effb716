/**
 * The vision process: camera, detection, tracking, classification. Its own OS process, because native code may block,
 * leak or crash, which must not stop the kiosk. Started by the supervisor; communicates over Node's IPC channel.
 */
import { exitCode, MienError } from '../core/errors.ts';
import { type LoopDeps, runVisionLoop } from './loop.ts';
import type { FromVision, ToVision, VisionSettings } from './messages.ts';
import { assemblePipeline, loadNetworks, type Pipeline } from './pipeline.ts';
import { Playback } from './playback.ts';
import { StageTimes } from './stage-times.ts';

const stop = new AbortController();
const watched = { plain: false, annotated: false };
const limit = { fps: Number.POSITIVE_INFINITY };
const times = new StageTimes();
let playback: Playback | undefined;
let deps: (LoopDeps & { pipeline: Pipeline }) | undefined;
let paused = false;

// Ctrl-C reaches the whole process group; the daemon decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
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
  if (message.type === 'settings') change(message);
});

async function start({ settings, firstTrack }: Extract<ToVision, { type: 'start' }>): Promise<void> {
  try {
    playback = new Playback(settings);
    playback.pause(paused);
    const networks = await loadNetworks(settings);
    // The settings may have changed while the networks were loading.
    const pipeline = assemblePipeline({ ...playback.settings, firstTrack, times }, networks);
    deps = { pipeline, playback, times, send, watched, limit };
    await announce(deps.pipeline);
    await runVisionLoop(deps, stop.signal);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof MienError)) throw error;
    await send({ type: 'fatal', message: error.message, remedy: error.remedy, code: error.code });
    process.exit(exitCode.unavailable);
  }
}

/** Takes effect at once: no live setting needs another network. */
function change({ settings, firstTrack }: Extract<ToVision, { type: 'settings' }>): void {
  if (!playback) return;
  const before = playback.settings;
  playback.change(settings);
  if (!deps || assembledFrom(before) === assembledFrom(settings)) return;
  deps.pipeline = assemblePipeline({ ...settings, firstTrack, times }, deps.pipeline);
  void announce(deps.pipeline);
}

function assembledFrom({ detect, classify, track }: VisionSettings): string {
  return JSON.stringify({ detect, classify, track });
}

function announce({ classifier: { card, precision }, detector, uncertain, warning, note }: Pipeline): Promise<void> {
  const { name: model, labels } = card;
  const modelId = `${model}@${card.files[precision].sha256.slice(0, 8)}`;
  return send({
    type: 'ready',
    detector: detector.description,
    model,
    modelId,
    precision,
    labels,
    uncertain,
    warning,
    note,
  });
}

function send(message: FromVision): Promise<void> {
  return new Promise((resolve) => {
    // A closed channel means that the daemon is gone; the `disconnect` handler ends this process.
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

/**
 * The vision process: camera, detection, tracking, classification. Its own OS process, because native code may block, leak
 * or crash, and the kiosk must not go with it. Started by the supervisor, talks over Node's IPC channel.
 */
import { exitCode, MienError } from '../core/errors.ts';
import { runVisionLoop } from './loop.ts';
import type { FromVision, ToVision } from './messages.ts';
import { createPipeline } from './pipeline.ts';

const stop = new AbortController();
const watched = { plain: false, annotated: false };
const limit = { fps: Number.POSITIVE_INFINITY };

// Ctrl-C reaches the whole process group; the daemon decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToVision) => {
  if (message.type === 'watch') Object.assign(watched, { plain: message.plain, annotated: message.annotated });
  if (message.type === 'limit') limit.fps = message.fps;
  if (message.type === 'stop') stop.abort();
  if (message.type === 'start') void start(message);
});

async function start({ settings, firstTrack }: Extract<ToVision, { type: 'start' }>): Promise<void> {
  try {
    const pipeline = await createPipeline({ ...settings, firstTrack });
    const { card, precision } = pipeline.classifier;
    await send({
      type: 'ready',
      detector: pipeline.detector.description,
      model: card.name,
      precision,
      labels: card.labels,
      uncertain: pipeline.uncertain,
      warning: pipeline.warning,
    });
    await runVisionLoop({ settings, pipeline, send, watched, limit }, stop.signal);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof MienError)) throw error;
    await send({ type: 'fatal', message: error.message, remedy: error.remedy, code: error.code });
    process.exit(exitCode.unavailable);
  }
}

function send(message: FromVision): Promise<void> {
  return new Promise((resolve) => {
    // A closed channel means that the daemon is gone; `disconnect` ends this process.
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

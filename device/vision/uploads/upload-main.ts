/**
 * The upload process: decodes and classifies uploaded pictures. Separate from the vision process, so that no picture
 * can stop, slow down or crash the camera's processing. Started by `Uploads`; communicates over Node's IPC channel.
 */
import { decodePicture } from '../../camera/picture.ts';
import { inspectUpload } from '../../camera/upload.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { lowerPriority } from '../../core/lower-priority.ts';
import { roundedFace } from '../../core/rounded-reading.ts';
import type { Face } from '../../core/types.ts';
import type { VisionSettings } from '../messages.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import type { FromUpload, ToUpload, UploadFace, UploadResult } from './messages.ts';

// Below the camera's processing. After loading: on a busy board a start at low priority takes too long for the first picture.
lowerPriority(10);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
process.on('disconnect', () => process.exit(0));

let pipeline: Pipeline | undefined;
let pictures = 0;
/** The beginning of the next picture. */
let parts: Uint8Array[] = [];

process.on('message', async (message: ToUpload) => {
  if (message.type === 'start') await start(message.settings);
  if (message.type === 'part') parts.push(message.bytes);
  if (message.type === 'classify') {
    const picture = Buffer.concat([...parts, message.bytes]);
    parts = [];
    send(await answer(picture));
  }
});

async function start(settings: VisionSettings): Promise<void> {
  const { detect, classify } = settings;
  try {
    pipeline = await createPipeline({
      ...settings,
      // A user waits for one picture: it is independent of others, and gets the best detection that a small board can
      // do in seconds, whatever its size.
      detect: { ...detect, adaptive: false, inputWidth: Math.max(640, detect.inputWidth) },
      classify: { ...classify, mirror: false },
      track: { smoothingMs: 0, lostMs: 1, confirmMs: 0 },
    });
    send({ type: 'ready' });
  } catch (error) {
    const remedy = error instanceof MienError ? error.remedy : 'The log of the daemon says more.';
    send({ type: 'fatal', message: error instanceof MienError ? error.message : describeError(error), remedy });
    process.exitCode = exitCode.unavailable;
    process.disconnect();
  }
}

async function answer(bytes: Buffer): Promise<FromUpload> {
  const fault = inspectUpload(bytes);
  if (fault) return { type: 'refused', ...fault };
  try {
    return { type: 'classified', result: await classify(bytes) };
  } catch (error) {
    if (error instanceof MienError) return { type: 'refused', kind: 'damaged', detail: error.message };
    throw error;
  }
}

async function classify(bytes: Buffer): Promise<UploadResult> {
  const startedAt = performance.now();
  const picture = decodePicture(bytes, 'uploaded');
  try {
    pictures += 1;
    const faces = await pipeline!.process(picture, pictures * 1000);
    const ms = Math.round(performance.now() - startedAt);
    return { width: picture.cols, height: picture.rows, faces: faces.map(withoutTrack), ms };
  } finally {
    picture.release();
  }
}

function withoutTrack(found: Face): UploadFace {
  const { track: _track, landmarks: _landmarks, ...face } = roundedFace(found);
  return face;
}

function send(message: FromUpload): void {
  process.send?.(message);
}

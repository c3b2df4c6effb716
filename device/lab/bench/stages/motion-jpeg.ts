import { join } from 'node:path';
import { openJpeg } from '../../../camera/jpeg-reader.ts';
import { demoClip } from '../../../camera/source-spec.ts';
import { cv, type Mat } from '../../../core/opencv.ts';
import { encodeJpeg } from '../../../vision/jpeg.ts';
import type { Row } from '../table.ts';
import { cpuMsOf } from './cpu.ts';

const rounds = 5;
const framesARound = 40;

const sizes = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;

/**
 * Cost of a camera's Motion JPEG on its way to detection, crops and viewers, in CPU ms a frame of all threads. Measured in
 * turns; the fastest round counts, because disturbances only add time.
 *
 * @param folder for recordings, which are left there
 * @param targetWidth maps the width of a frame to the width that detection needs
 */
export async function motionJpegRows(folder: string, targetWidth: (width: number) => number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { width, height } of sizes) {
    const recording = join(folder, `${width}x${height}-motion-jpeg.avi`);
    const bytes = record(recording, width, height);
    const picture = cv.imdecode(bytes, cv.IMREAD_COLOR);
    const reduced = openJpeg(bytes, targetWidth)!;
    reduced.mat.release();
    const fastest = await fastestOf({
      'FFmpeg decodes': playing(recording),
      'OpenCV decodes': () => cv.imdecode(bytes, cv.IMREAD_COLOR).release(),
      'decoded at the detection width': () => openJpeg(bytes, targetWidth)!.mat.release(),
      thumbnail: () => openJpeg(bytes, targetWidth, { isThumbnail: true })!.mat.release(),
      'decoded in full for crops, grey': () => reduced.jpeg.decode(1, 'grey').release(),
      'encoded for a viewer': () => void encodeJpeg(picture, 75),
    });
    picture.release();
    rows.push({ size: `${width}x${height}`, kB: bytes.length / 1000, ...fastest });
  }
  return rows;
}

/** Each piece of work in turns; CPU ms of its fastest round. */
async function fastestOf(work: Readonly<Record<string, () => void>>): Promise<Record<string, number>> {
  const fastest: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(work)) {
      const ms = await cpuMsOf(() => {
        for (let frame = 0; frame < framesARound; frame++) run();
      });
      fastest[name] = Math.min(fastest[name] ?? Number.POSITIVE_INFINITY, ms / framesARound);
    }
  }
  return fastest;
}

/** The next frame of the recording, decoded by FFmpeg. */
function playing(path: string): () => void {
  let capture = new cv.VideoCapture(path, cv.CAP_FFMPEG);
  return () => {
    const frame = capture.read();
    if (frame.empty) {
      capture.release();
      capture = new cv.VideoCapture(path, cv.CAP_FFMPEG);
    }
    frame.release();
  };
}

/** Frames of the built-in clip in this size, as Motion JPEG; the last one as its bytes. */
function record(path: string, width: number, height: number): Buffer {
  const source = new cv.VideoCapture(demoClip, cv.CAP_FFMPEG);
  const writer = new cv.VideoWriter(path, cv.VideoWriter.fourcc('MJPG'), 24, new cv.Size(width, height));
  let last: Buffer | undefined;
  for (let index = 0; index < 2 * framesARound; index++) {
    const frame = source.read();
    const scaled: Mat = frame.resize(height, width, 0, 0, cv.INTER_CUBIC);
    writer.write(scaled);
    last = encodeJpeg(scaled, 85);
    frame.release();
    scaled.release();
  }
  writer.release();
  source.release();
  return last!;
}

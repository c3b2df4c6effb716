/**
 * `node device/dist/bench/frames.js`: what a camera's Motion JPEG costs on its way to detection, crops and viewers, in ms of
 * CPU time a frame (of all threads), and what a picture costs between the two processes. Measured in turns; the least of
 * the rounds counts, because what disturbs only adds.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openJpeg } from '../camera/jpeg-reader.ts';
import { demoClip } from '../camera/open.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { encodeJpeg } from '../vision/jpeg.ts';
import { table } from './table.ts';

const rounds = 5;
const framesARound = 40;
/** Width at which detection looks at the frame. */
const enoughWidth = 320;
const bytesOfPicture = 60_000;

const sizes = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;

if (process.send) echo();
else await main();

/** The other end of the hop: takes messages, and says how long it was busy when it is asked. */
function echo(): void {
  const before = process.cpuUsage();
  process.on('message', (message) => {
    if (message !== 'done') return;
    process.send?.(cpuMs(before));
    process.disconnect();
  });
}

async function main(): Promise<void> {
  process.stdout.write(table(`Motion JPEG, CPU ms a frame (detection looks at ${enoughWidth} px)`, sizes.map(costsOf)));
  const rows = [];
  for (const picture of [undefined, Buffer.alloc(bytesOfPicture, 7)]) rows.push(await costOfHop(picture));
  process.stdout.write(table('A reading from one process to the other, CPU ms a message', rows));
}

function costsOf({ width, height }: (typeof sizes)[number]) {
  const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));
  const recording = join(folder, 'clip.avi');
  const bytes = record(recording, width, height);
  const picture = cv.imdecode(bytes, cv.IMREAD_COLOR);
  const reduced = openJpeg(bytes, enoughWidth)!;
  reduced.mat.release();
  const work = {
    'FFmpeg decodes': playing(recording),
    'OpenCV decodes': () => cv.imdecode(bytes, cv.IMREAD_COLOR).release(),
    'decoded as small as is enough': () => openJpeg(bytes, enoughWidth)!.mat.release(),
    'more of it for crops, grey': () => reduced.jpeg.decode(1, 'grey').release(),
    'encoding for a viewer': () => void encodeJpeg(picture, 75),
  };
  const least = leastOf(work);
  picture.release();
  rmSync(folder, { recursive: true });
  return { size: `${width}x${height}`, kB: bytes.length / 1000, ...least };
}

/** Each piece of work in turns; ms of CPU time of the round that took the least. */
function leastOf<Name extends string>(work: Readonly<Record<Name, () => void>>): Record<Name, number> {
  const least = {} as Record<Name, number>;
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(work) as [Name, () => void][]) {
      const before = process.cpuUsage();
      for (let frame = 0; frame < framesARound; frame++) run();
      least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, cpuMs(before) / framesARound);
    }
  }
  return least;
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

async function costOfHop(plain: Buffer | undefined) {
  const child = fork(fileURLToPath(import.meta.url), { serialization: 'advanced' });
  const messages = 2000;
  const face = { track: 1, box: { x: 10.5, y: 20.5, width: 80.5, height: 90.5 }, score: 0.9, label: 'happy' };
  const reading = { frame: 0, t: 0, ts: 0, mono: 0, width: 640, height: 480, faces: [face, face] };
  const before = process.cpuUsage();
  for (let count = 0; count < messages; count++) {
    await new Promise((resolve) => child.send({ type: 'reading', reading, plain }, resolve));
  }
  const sender = cpuMs(before) / messages;
  const receiver = await new Promise<number>((resolve) => {
    child.once('message', (ms) => resolve(Number(ms) / messages));
    child.send('done');
  });
  return { message: plain ? `with a picture of ${bytesOfPicture / 1000} kB` : 'without a picture', sender, receiver };
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

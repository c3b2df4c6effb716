import { createInterface } from 'node:readline';
import { openSource } from '../../../camera/open.ts';
import type { Frame } from '../../../camera/source.ts';
import { configSchema } from '../../../config/schema.ts';

/** Result of one pass of a contestant over a clip, decoding included. */
export interface Pass {
  readonly frames: number;
  /** Sum of the faces found in each frame. */
  readonly faces: number;
  readonly seconds: number;
  /** CPU time of all its threads. */
  readonly cpuSeconds: number;
}

/**
 * Main loop of a contestant in Node: for each line `{"clip": PATH}` on standard input it plays the clip and prints the result.
 *
 * @param facesIn detects and classifies the faces of a frame, and returns their number
 */
export async function answerRequests(facesIn: (frame: Frame) => Promise<number>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { clip } = JSON.parse(line) as { clip: string };
    process.stdout.write(`${JSON.stringify(await play(clip, facesIn))}\n`);
  }
}

async function play(clip: string, facesIn: (frame: Frame) => Promise<number>): Promise<Pass> {
  const never = new AbortController().signal;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const source = await openSource(clip, { ...configSchema.parse({}).camera, loop: false, pace: 'max' });
  let frames = 0;
  let faces = 0;
  for (let frame = await source.read(never); frame; frame = await source.read(never)) {
    faces += await facesIn(frame);
    frame.mat.release();
    frames += 1;
  }
  source.close();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { frames, faces, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 };
}

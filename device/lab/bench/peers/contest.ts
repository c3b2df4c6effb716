import { createInterface } from 'node:readline';
import { openSource } from '../../../camera/open.ts';
import type { Frame } from '../../../camera/source.ts';
import { configSchema } from '../../../config/schema.ts';

/** What a contestant says of one pass over a clip, decoding included. */
export interface Pass {
  readonly frames: number;
  /** Sum of the faces found in each frame. */
  readonly faces: number;
  readonly seconds: number;
  /** Of all its threads. */
  readonly cpuSeconds: number;
}

/**
 * The side of a contestant in Node: answers each line of standard input, `{"clip": PATH}`, with the pass over that clip.
 *
 * @param facesIn how many faces it finds in a frame, which it has classified by then
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

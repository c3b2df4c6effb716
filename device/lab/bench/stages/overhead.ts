import { openSource } from '../../../camera/open.ts';
import type { Config } from '../../../config/schema.ts';
import type { Pipeline } from '../../../vision/pipeline.ts';
import type { SceneClip } from '../scene.ts';
import { median } from '../statistics.ts';
import type { Row } from '../table.ts';
import type { Target } from '../targets.ts';
import { cpuMsOf } from './cpu.ts';
import type { KernelCost, Kernels } from './kernels.ts';

/** Cost of a frame beyond its kernels. */
export interface Overhead {
  readonly faces: number;
  /** CPU ms a frame. */
  readonly kernels: KernelCost;
  readonly pipeline: number;
  /** Median of the ratios of the rounds. */
  readonly ratio: number;
}

/** Kernels and pipeline in turns over the same frames, so that a busy machine disturbs both alike. */
export async function measureOverhead(
  clip: SceneClip,
  { kernels, pass, rounds }: { kernels: Kernels; pass: PipelinePass; rounds: number },
): Promise<Overhead> {
  await kernels(clip);
  await pass(clip);
  const costs: { kernels: KernelCost; pipeline: number }[] = [];
  for (let round = 0; round < rounds; round++) costs.push({ kernels: await kernels(clip), pipeline: await pass(clip) });
  const medianOf = (kernel: keyof KernelCost) => median(costs.map((cost) => cost.kernels[kernel]));
  return {
    faces: clip.faces,
    kernels: {
      decode: medianOf('decode'),
      resize: medianOf('resize'),
      detect: medianOf('detect'),
      crop: medianOf('crop'),
      classify: medianOf('classify'),
      sum: medianOf('sum'),
    },
    pipeline: median(costs.map((cost) => cost.pipeline)),
    ratio: median(costs.map((cost) => cost.pipeline / cost.kernels.sum)),
  };
}

/** Plays a clip through the pipeline, from the source to the faces, and returns its CPU ms a frame. */
export type PipelinePass = (clip: SceneClip) => Promise<number>;

export function preparePass(pipeline: Pipeline, camera: Config['camera']): PipelinePass {
  // Tracks live on over the passes: time must not run backwards.
  let mono = 0;
  return async (clip) => {
    const source = await openSource(clip.file, { ...camera, loop: false, pace: 'max' });
    const never = new AbortController().signal;
    let frames = 0;
    const cpuMs = await cpuMsOf(async () => {
      for (let frame = await source.read(never); frame; frame = await source.read(never)) {
        mono += 1000 / clip.fps;
        await pipeline.process(frame.mat, mono);
        frame.mat.release();
        frames += 1;
      }
    });
    source.close();
    return cpuMs / frames;
  };
}

export function overheadRows(overheads: readonly Overhead[]): Row[] {
  return overheads.map(({ faces, kernels, pipeline, ratio }) => ({ faces, ...kernels, pipeline, ratio }));
}

/** The project's bound on the overhead, for one face and for eight. */
export function overheadTargets(overheads: readonly Overhead[]): Target[] {
  return overheads
    .filter(({ faces }) => faces === 1 || faces === 8)
    .map(({ faces, ratio }) => ({
      what: `pipeline / bare kernels, CPU, ${faces} ${faces === 1 ? 'face' : 'faces'}`,
      measured: ratio,
      limit: { most: 1.25 },
    }));
}

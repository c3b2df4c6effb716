import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../config/schema.ts';
import { blazefaceFile, chooseDetector, yunetFile } from '../../../detect/choose.ts';
import { createPipeline } from '../../../vision/pipeline.ts';
import type { Report } from '../report.ts';
import { type Ingredients, SceneMaker, takeIngredients, writeScene } from '../scene.ts';
import { withScratchFolder } from '../scratch.ts';
import { type AlternativeRow, measureAlternatives } from './alternatives.ts';
import { Channel } from './channel.ts';
import { prepareKernels } from './kernels.ts';
import { motionJpegRows } from './motion-jpeg.ts';
import { measureOverhead, type Overhead, overheadRows, overheadTargets, preparePass } from './overhead.ts';
import { stageTables } from './report.ts';
import { Sinks } from './sinks.ts';
import { measureStages, type StageResult } from './stages.ts';

export interface StageOptions {
  readonly config: Config;
  readonly modelsDir: string;
  /** Frames a scene. */
  readonly frames: number;
}

const faceCounts = [1, 2, 4, 8, 16];
const sizes = [
  { width: 320, height: 240 },
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];
const vga = { width: 640, height: 480 };
const fps = 30;
const rounds = 7;

/** `npm run bench -- stages`: each stage alone, and the overhead of a frame over the bare kernels. */
export async function benchStages(options: StageOptions, report: Report): Promise<void> {
  await withScratchFolder(async (folder) => {
    const ingredients = await takeIngredients(options.modelsDir);
    const { alternatives, overheads } = await aroundKernels(folder, ingredients, options);
    report.table(
      'Kernels to choose from, ms (640x480, one thread)',
      alternatives.map((row) => ({ ...row })),
    );
    report.table(
      'CPU ms a frame at 640x480: the bare kernels, and the pipeline from source to faces',
      overheadRows(overheads),
    );
    report.targets(overheadTargets(overheads));
    const { detector } = chooseDetector({ ...options.config.detect, modelsDir: options.modelsDir });
    const motionJpeg = await motionJpegRows(folder, (width) => detector.detectionWidth(width));
    report.table('Motion JPEG from the camera, CPU ms a frame', motionJpeg);
    const results = await allScenes(folder, ingredients, options);
    for (const { title, rows } of stageTables(results)) report.table(title, rows);
    report.json('stages', { alternatives, overheads, motionJpeg, scenes: results });
    ingredients.face.release();
    ingredients.background.release();
  });
}

async function aroundKernels(
  folder: string,
  ingredients: Ingredients,
  { config, modelsDir, frames }: StageOptions,
): Promise<{ alternatives: AlternativeRow[]; overheads: Overhead[] }> {
  const present = (name: string) => [join(modelsDir, name)].find((file) => existsSync(file));
  const maker = new SceneMaker({ ...vga, faces: 1 }, ingredients);
  const frame = maker.frame(0);
  maker.close();
  const alternatives = await measureAlternatives(frame, {
    config,
    modelsDir,
    yunetFile: present(yunetFile),
    blazefaceFile: present(blazefaceFile),
  });
  frame.release();
  const overheads: Overhead[] = [];
  // The bare kernels are those of YuNet.
  const isYunet = chooseDetector({ ...config.detect, modelsDir }).detector.boxKind === 'yunet';
  for (const faces of isYunet ? faceCounts : []) {
    // Process every frame in full, as the kernels do: skipped work would look like speed.
    const pipeline = await createPipeline({ ...config, modelsDir, detect: { ...config.detect, adaptive: false } });
    const clip = writeScene({ ...vga, faces }, ingredients, { folder, frames, fps });
    const pass = preparePass(pipeline, config.camera);
    // The detector chooses its runtime at the first frame, and the kernels follow it.
    await pass(clip);
    const kernels = await prepareKernels({ modelsDir, pipeline });
    overheads.push(await measureOverhead(clip, { kernels, pass, rounds }));
  }
  return { alternatives, overheads };
}

async function allScenes(folder: string, ingredients: Ingredients, options: StageOptions): Promise<StageResult[]> {
  const { config, modelsDir, frames } = options;
  const sinks = new Sinks(folder);
  await sinks.start();
  const channel = new Channel();
  const results: StageResult[] = [];
  try {
    for (const size of sizes) {
      for (const faces of faceCounts) {
        const clip = writeScene({ ...size, faces }, ingredients, { folder, frames, fps });
        results.push(await measureStages(clip, { config, modelsDir, channel, sinks }));
      }
    }
  } finally {
    await channel.close();
    await sinks.stop();
  }
  return results;
}

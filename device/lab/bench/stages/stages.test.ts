import { expect, test } from 'vitest';
import { configSchema } from '../../../config/schema.ts';
import { createPipeline } from '../../../vision/pipeline.ts';
import { scratchFolder } from '../../fixtures/scratch.ts';
import { modelsDir, yunetDir } from '../../fixtures/shared.ts';
import { takeIngredients, writeScene } from '../scene.ts';
import { prepareKernels } from './kernels.ts';
import { measureOverhead, overheadTargets, preparePass } from './overhead.ts';
import { stageTables } from './report.ts';
import { timesOf } from './stopwatch.ts';

const folder = scratchFolder();

test.skipIf(!yunetDir)('kernels and pipeline run on the frames of a scene, and both cost something', async () => {
  const config = configSchema.parse({});
  const ingredients = await takeIngredients(modelsDir);
  const clip = writeScene({ faces: 2, width: 320, height: 240 }, ingredients, { folder, frames: 4, fps: 30 });
  const pipeline = await createPipeline({ ...config, modelsDir });
  const pass = preparePass(pipeline, config.camera);
  await pass(clip);
  const kernels = await prepareKernels({ modelsDir, pipeline });
  const overhead = await measureOverhead(clip, { kernels, pass, rounds: 1 });
  const { sum, ...each } = overhead.kernels;
  expect(Object.values(each).every((ms) => ms > 0)).toBe(true);
  expect(Object.values(each).reduce((total, ms) => total + ms, 0)).toBeCloseTo(sum, 9);
  expect(overhead.ratio).toBeCloseTo(overhead.pipeline / sum, 9);
});

test('the bound on the overhead applies to one face and to eight', () => {
  const kernels = { decode: 1, resize: 0, detect: 2, crop: 0, classify: 1, sum: 4 };
  const overheads = [1, 4, 8].map((faces) => ({ faces, kernels, pipeline: 5, ratio: 1.25 }));
  expect(overheadTargets(overheads).map(({ what }) => what)).toEqual([
    'pipeline / bare kernels, CPU, 1 face',
    'pipeline / bare kernels, CPU, 8 faces',
  ]);
});

test('one table per size, one column per number of faces; parts of other rows are in brackets', () => {
  const result = (faces: number, width: number) => ({
    faces,
    width,
    height: 240,
    frames: 2,
    found: faces,
    stages: { decode: timesOf([0.5]), resize: timesOf([2]) },
    framesPerSecond: 100,
    cpuSeconds: 1,
    cpuMsPerFrame: 5,
    memoryMb: 200,
  });
  const tables = stageTables([result(1, 320), result(2, 320), result(1, 640)]);
  expect(tables.map(({ title }) => title)).toEqual([
    'Stages at 320x240, ms: p50 / p95 / p99',
    'Stages at 640x240, ms: p50 / p95 / p99',
  ]);
  expect(tables[0]!.rows.slice(0, 2)).toEqual([
    { stage: 'decode', '1 face': '0.50 / 0.50 / 0.50', '2 faces': '0.50 / 0.50 / 0.50' },
    { stage: '  (resize)', '1 face': '2.0 / 2.0 / 2.0', '2 faces': '2.0 / 2.0 / 2.0' },
  ]);
});

/**
 * Mien in the contest: the live pipeline at its default settings.
 *
 *   node mien.js MODELS            as with a camera: unchanged parts of a frame are not processed again
 *   node mien.js MODELS --every    processes every face in every frame, as `camera.pace: max` does
 */
import { configSchema } from '../../../config/schema.ts';
import { createPipeline } from '../../../vision/pipeline.ts';
import { answerRequests } from './contest.ts';

const [modelsDir, mode] = process.argv.slice(2) as [string, string?];
const config = configSchema.parse({});
const detect = { ...config.detect, adaptive: mode !== '--every' };
const pipeline = await createPipeline({ ...config, detect, modelsDir });
/** Total time of the earlier passes, so that time never runs backwards. */
let before = 0;
let newest = 0;
await answerRequests(async ({ mat, t, index }) => {
  if (index === 0) before = newest + 10_000;
  newest = before + t * 1000;
  return (await pipeline.process(mat, newest)).length;
});

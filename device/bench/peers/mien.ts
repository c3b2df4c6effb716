/** Mien in the contest: the live pipeline at its default settings. `node mien.js MODELS` */
import { configSchema } from '../../config/schema.ts';
import { createPipeline } from '../../vision/pipeline.ts';
import { answerRequests } from './contest.ts';

const [modelsDir] = process.argv.slice(2) as [string];
const pipeline = await createPipeline({ ...configSchema.parse({}), modelsDir });
/** Of the passes before: time does not run backwards. */
let before = 0;
let newest = 0;
await answerRequests(async ({ mat, t, index }) => {
  if (index === 0) before = newest + 10_000;
  newest = before + t * 1000;
  return (await pipeline.process(mat, newest)).length;
});

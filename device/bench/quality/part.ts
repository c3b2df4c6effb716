import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { exitCode, MienError } from '../../core/errors.ts';
import { yunetFile } from '../../detect/choose.ts';
import { clipsIn } from '../clips.ts';
import type { Report } from '../report.ts';
import { type ClipResult, judgeClip, leastHeight } from './clip.ts';
import { Reference } from './reference.ts';
import { clipRows, faultLines, qualityTargets, trackRows } from './report.ts';

export interface QualityOptions {
  readonly config: Config;
  readonly modelsDir: string;
  /** Folder of recordings. */
  readonly clips: string;
}

/** `npm run bench -- quality --clips DIR`: what the live pipeline makes of recordings of people. */
export async function benchQuality({ config, modelsDir, clips }: QualityOptions, report: Report): Promise<void> {
  const recordings = clipsIn(clips);
  if (!existsSync(join(modelsDir, yunetFile))) {
    throw new MienError(`The reference detector is missing (expected ${yunetFile} in ${modelsDir})`, {
      code: exitCode.noInput,
      remedy: 'Fetch it with: mien models pull',
    });
  }
  const reference = new Reference(modelsDir);
  const results: ClipResult[] = [];
  for (const { name, file } of recordings) {
    const result = await judgeClip(file, { name, config, modelsDir, reference });
    results.push(result);
    const { width, height, frames } = result;
    const title = `${name}, ${width}x${height}, ${frames} frames`;
    if (result.tracks.length > 0) report.table(title, trackRows(result));
    else report.say(`\n${title}: no track`);
  }
  report.table(`Against the reference, faces of ${leastHeight} px and more`, clipRows(results));
  for (const line of faultLines(results)) report.say(line);
  report.targets(qualityTargets(results));
  report.json('quality', { leastHeight, clips: results });
}

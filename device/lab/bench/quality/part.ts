import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../../../config/schema.ts';
import { exitCode, MienError } from '../../../core/errors.ts';
import { readCard } from '../../../core/model-card.ts';
import { yunetFile } from '../../../detect/choose.ts';
import { clipsIn } from '../clips.ts';
import type { Report } from '../report.ts';
import { type ClipResult, judgeClip, minHeight } from './clip.ts';
import { expectedFile, missingRecordings, readExpected } from './expected.ts';
import { countLines, expressionTargets, personRows } from './expression-report.ts';
import { Reference } from './reference.ts';
import { clipRows, faultLines, qualityTargets, trackRows } from './report.ts';

export interface QualityOptions {
  readonly config: Config;
  readonly modelsDir: string;
  /** Folder of recordings. */
  readonly clips: string;
}

/** `npm run bench -- quality --clips DIR`: recall, tracks, visits and expressions on recordings of people. */
export async function benchQuality({ config, modelsDir, clips }: QualityOptions, report: Report): Promise<void> {
  const recordings = clipsIn(clips);
  if (!existsSync(join(modelsDir, yunetFile))) {
    throw new MienError(`The reference detector is missing (expected ${yunetFile} in ${modelsDir})`, {
      code: exitCode.noInput,
      remedy: 'Fetch it with: mien models pull',
    });
  }
  const expected = readExpected(clips, readCard(modelsDir, config.classify.model).labels);
  if (!expected) report.say(`No ${expectedFile} in ${clips}: the expressions are not checked`);
  const absent = expected
    ? missingRecordings(
        expected,
        recordings.map(({ file }) => file),
      )
    : [];
  if (absent.length > 0) report.say(`${expectedFile} names ${absent.join(', ')}: not in ${clips}, not checked`);
  const reference = new Reference(modelsDir);
  const results: ClipResult[] = [];
  for (const { name, file } of recordings) {
    const result = await judgeClip(file, {
      name,
      config,
      modelsDir,
      reference,
      expected: expected?.get(basename(file)),
    });
    results.push(result);
    const { width, height, frames } = result;
    const title = `${name}, ${width}x${height}, ${frames} frames`;
    if (result.tracks.length > 0) report.table(title, trackRows(result));
    else report.say(`\n${title}: no track`);
  }
  report.table(`Against the reference, faces of ${minHeight} px and more`, clipRows(results));
  for (const line of faultLines(results)) report.say(line);
  const people = personRows(results);
  if (people.length > 0) report.table(`Against ${expectedFile}, share of the time that each person was shown`, people);
  for (const line of countLines(results)) report.say(line);
  report.targets([...qualityTargets(results), ...expressionTargets(results)]);
  report.json('quality', { minHeight, clips: results });
}

import { statSync } from 'node:fs';
import { Command } from 'commander';
import { listPictures } from '../camera/images.ts';
import { readPicture } from '../camera/picture.ts';
import { MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';
import { createPipeline } from '../vision/pipeline.ts';
import { faceJson } from './analyze.ts';
import { configOf, configOptions, modelsDirOf, offline, reproducible } from './options.ts';
import { SkippedPictures } from './skipped-pictures.ts';

export function classifyCommand(): Command {
  return configOptions(new Command('classify'))
    .description('Find the faces in pictures and name the apparent expression of each.')
    .argument('<picture...>', 'picture files (.jpg, .png), or folders of them')
    .option('--json', 'print one JSON line per picture')
    .action(async (pictures: string[], options) => {
      const config = configOf(options);
      // Each picture is independent: no smoothing between pictures, and a face is confirmed at its first sight.
      const track = { ...config.track, smoothingMs: 0, lostMs: 1, confirmMs: 0 };
      const pipeline = await createPipeline({
        ...config,
        detect: offline(config.detect),
        classify: reproducible(config.classify),
        track,
        modelsDir: modelsDirOf(config),
      });
      for (const remark of [pipeline.warning, pipeline.note]) if (remark) process.stderr.write(`mien: ${remark}\n`);
      const skipped = new SkippedPictures();
      const paths = await picturesOf(pictures);
      for (const [index, path] of paths.entries()) {
        const picture = readUnlessBad(path, (fault) => {
          // For a single picture its own error is the whole answer.
          if (paths.length === 1) throw fault;
          skipped.add(fault);
        });
        if (!picture) continue;
        const faces = (await pipeline.process(picture, index * 1000)).map(({ track: _, ...face }) =>
          faceJson({ ...face, track: 0 }),
        );
        const line = {
          file: path,
          width: picture.cols,
          height: picture.rows,
          faces: faces.map(({ track: _, ...face }) => face),
        };
        picture.release();
        process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : describePicture(line));
      }
      skipped.require(`the ${paths.length}`);
    });
}

/** The paths, with each folder replaced by its pictures. */
async function picturesOf(paths: readonly string[]): Promise<readonly string[]> {
  const lists = paths.map((path) =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() ? listPictures(path) : [path],
  );
  return (await Promise.all(lists)).flat();
}

function readUnlessBad(path: string, onFault: (fault: MienError) => void): Mat | undefined {
  try {
    return readPicture(path);
  } catch (error) {
    if (!(error instanceof MienError)) throw error;
    onFault(error);
    return undefined;
  }
}

type PrintedFace = Omit<ReturnType<typeof faceJson>, 'track'>;

/** The faces of a picture, for people. */
export function describePicture({ file, faces }: { file: string; faces: readonly PrintedFace[] }): string {
  if (faces.length === 0) return `${file}: no face found\n`;
  const lines = faces.map(
    (face) => `  face at ${describeBox(face)}: ${describeLabel(face)} (${describeRanking(face)})`,
  );
  return `${file}: ${faces.length} face${faces.length === 1 ? '' : 's'}\n${lines.join('\n')}\n`;
}

function describeBox({ box }: PrintedFace): string {
  return `${Math.round(box.x)},${Math.round(box.y)} ${Math.round(box.width)}x${Math.round(box.height)}`;
}

/** `happy 93%`, or `uncertain: turned`. */
function describeLabel({ label, reason, probability }: PrintedFace): string {
  if (probability !== undefined) return `${label} ${percent(probability)}`;
  return reason ? `${label}: ${reason}` : label;
}

/** The three most probable labels. */
function describeRanking({ probabilities, reject }: PrintedFace): string {
  const ranking = Object.entries(probabilities)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([name, value]) => `${name} ${percent(value)}`);
  if (reject !== undefined) ranking.push(`cannot be told ${percent(reject)}`);
  return ranking.join(', ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

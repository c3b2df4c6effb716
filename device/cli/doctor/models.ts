import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { type PinnedModel, readManifest } from '../../core/manifest.ts';
import { findCascade } from '../../detect/haar-files.ts';
import { checkExpressionModel } from '../models/check.ts';
import { isPinned } from '../models/pull.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Checks that the card of the expression model is complete and that its files match it. */
export function checkClassifier(modelsDir: string, name: string): Finding {
  const { state, detail } = checkExpressionModel(modelsDir, name);
  if (state === 'ok') return ok('model', `${name}: ${detail}`);
  return fail('model', detail, 'List the models with: mien models check');
}

/** In the order of `auto`. Only their names are used here, because their code loads OpenCV. */
const titles = { yunet: 'YuNet', blazeface: 'BlazeFace' } as const;

const part = 'detector';
const pull = (name = '') =>
  `Run: mien models pull${name && ` ${name}`} (without network: mien models pull${name && ` ${name}`} --mirror DIR)`;

/** Checks the face detector that the configuration selects. */
export async function checkDetector(
  modelsDir: string,
  wanted: Config['detect']['detector'],
  haarFolders?: readonly string[],
): Promise<Finding> {
  if (wanted === 'haar') return checkHaar(findCascade(haarFolders));
  const pinned = readManifest().models.filter(({ name }) => isDetector(name));
  const candidates = pinned.filter(({ name }) => wanted === 'auto' || wanted === name);
  const present = candidates.find(({ file }) => existsSync(join(modelsDir, file)));
  if (present) return checkNetwork(modelsDir, present, present === candidates[0]);
  if (wanted !== 'auto') {
    return fail(part, `${titles[wanted]} is missing: ${join(modelsDir, candidates[0]!.file)}`, pull(wanted));
  }
  if (findCascade(haarFolders)) return warn(part, 'Haar cascade, which misses turned and small faces', pull());
  return checkHaar(undefined);
}

async function checkNetwork(modelsDir: string, model: PinnedModel, isFirst: boolean): Promise<Finding> {
  const file = join(modelsDir, model.file);
  if (!(await isPinned(file, model))) {
    return fail(part, `${file} is not the pinned file`, `Delete it. ${pull(model.name)}`);
  }
  const title = titles[model.name as keyof typeof titles];
  return ok(part, isFirst ? title : `${title}, because YuNet is missing (mien models pull yunet)`);
}

function checkHaar(cascade: string | undefined): Finding {
  if (cascade) return ok(part, 'Haar cascade');
  return fail(part, 'YuNet, BlazeFace and Haar cascade are all missing', `${pull()}; or: apt-get install opencv-data`);
}

function isDetector(name: string): boolean {
  return name in titles;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { readManifest } from '../../core/manifest.ts';
import { findCascade } from '../../detect/haar-files.ts';
import { checkExpressionModel } from '../models/check.ts';
import { isPinned } from '../models/pull.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The expression model: its card is complete, its files are the ones that the card describes. */
export function checkClassifier(modelsDir: string, name: string): Finding {
  const { state, detail } = checkExpressionModel(modelsDir, name);
  if (state === 'ok') return ok('model', `${name}: ${detail}`);
  return fail('model', detail, 'See what is there with: mien models check');
}

const pull = 'Run: mien models pull (without network: mien models pull --mirror DIR)';

/** The face detector that the configuration would get. */
export async function checkDetector(
  modelsDir: string,
  wanted: Config['detect']['detector'],
  haarFolders?: readonly string[],
): Promise<Finding> {
  const part = 'detector';
  const yunet = readManifest().models.find(({ name }) => name === 'yunet')!;
  const file = join(modelsDir, yunet.file);
  if (wanted !== 'haar' && existsSync(file)) {
    if (await isPinned(file, yunet)) return ok(part, 'YuNet');
    return fail(part, `${file} is not the pinned file`, `Delete it. ${pull}`);
  }
  if (wanted === 'yunet') return fail(part, `YuNet is not there: ${file}`, pull);
  if (!findCascade(haarFolders))
    return fail(part, 'there is neither YuNet nor a Haar cascade', `${pull}; or: apt-get install opencv-data`);
  if (wanted === 'haar') return ok(part, 'Haar cascade');
  return warn(part, 'Haar cascade, which misses turned and small faces', pull);
}

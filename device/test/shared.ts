import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../core/paths.ts';
import { blazefaceFile, yunetFile } from '../detect/choose.ts';

/** Files beside the checkout, which may not be copied into it; a test that needs one is skipped where it is absent. */
const shared = join(packageRoot, '..', 'shared');

/** FER-2013 as a zip of folders; undefined where it is absent. */
export const fer2013 = present(join(shared, 'data', 'fer2013.zip'));

/** A recording of people in front of a camera; undefined where it is absent. */
export function clip(name: string): string | undefined {
  return present(join(shared, 'clips', name));
}

/** The models that come with Mien, beside which set-up puts YuNet and BlazeFace. */
export const modelsDir = join(packageRoot, 'models');

/** A folder that holds YuNet's file; undefined before `mien models pull`. */
export const yunetDir = folderOf(yunetFile);

/** A folder that holds BlazeFace's file; undefined before `mien models pull`. */
export const blazefaceDir = folderOf(blazefaceFile);

function folderOf(file: string): string | undefined {
  return [modelsDir, join(shared, 'models')].find((folder) => existsSync(join(folder, file)));
}

function present(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

/**
 * Forms of `camera.source`. This file does not load OpenCV, so that doctor and the command line check a source by the
 * same rules as `openSource`.
 */
import { join } from 'node:path';
import { packageRoot } from '../core/paths.ts';

/** The built-in clip, made by device/lab/make-clip.ts. */
export const demoClip = join(packageRoot, 'device', 'demo', 'clip.mp4');

/** File names that count as pictures, alone or in a folder. */
export const imageFilePattern = /\.(jpe?g|png|bmp|webp|pgm|ppm)$/i;

/**
 * Anything with a scheme, including one with a missing slash or a leading blank. A malformed address must be refused as
 * an address: a path is not masked in messages, and the text may hold a password.
 */
export const addressPattern = /^\s*([a-z][a-z0-9+.-]*:\/\/|(rtsps?|https?):)/i;

/** Whether this is the address of a stream that can be opened. */
export function isStreamAddress(url: string): boolean {
  return URL.canParse(url) && /^(rtsps?|https?):$/.test(new URL(url).protocol);
}

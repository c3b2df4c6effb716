/**
 * How `camera.source` may be written, without OpenCV: whoever only asks about a source (doctor, the command line) judges by
 * the same rules as `openSource`.
 */
import { join } from 'node:path';
import { packageRoot } from '../core/paths.ts';

/** The clip that comes with Mien, made by device/lab/make-clip.ts. */
export const demoClip = join(packageRoot, 'device', 'demo', 'clip.mp4');

/** Names of pictures, one by one or in a folder. */
export const imageFilePattern = /\.(jpe?g|png|bmp|webp|pgm|ppm)$/i;

/** Anything with a scheme, a slash too few or a blank before it included: what FFmpeg cannot open must be refused as an address, not as a path, which nobody masks. */
export const addressPattern = /^\s*([a-z][a-z0-9+.-]*:\/\/|(rtsps?|https?):)/i;

/** Whether an address is one of a stream that can be opened. */
export function isStreamAddress(url: string): boolean {
  return URL.canParse(url) && /^(rtsps?|https?):$/.test(new URL(url).protocol);
}

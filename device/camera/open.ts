import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { listCaptureDevices } from './devices.ts';
import { openImage, openImageFolder } from './images.ts';
import type { FrameSource, SourceOptions } from './source.ts';
import { addressPattern, demoClip, imageFilePattern } from './source-spec.ts';
import { removeStaleStillFolders } from './still-folder.ts';
import { openStills } from './stills.ts';
import { openUrl } from './url.ts';
import { openUsbCamera } from './usb.ts';
import { openVideoFile } from './video.ts';

export { demoClip } from './source-spec.ts';

/**
 * Opens the source that `spec` names; `camera.source` in the configuration describes the forms. `signal` aborts an
 * opening that takes seconds: a first still, a network answer.
 *
 * @throws MienError (noInput) when it does not exist, (badData) when it exists but holds no picture.
 */
export async function openSource(spec: string, options: SourceOptions, signal?: AbortSignal): Promise<FrameSource> {
  // Also for other sources: folders of a killed process must not stay until stills are used again.
  removeStaleStillFolders();
  if (spec === 'auto') return openUsbCamera(firstCamera(), options);
  if (spec === 'demo') return openVideoFile(demoClip, options);
  if (spec.startsWith('still:')) return openStills(spec.slice('still:'.length), options, signal);
  if (addressPattern.test(spec)) return openUrl(spec, options, signal);
  if (/^\d+$/.test(spec)) return openUsbCamera(`/dev/video${spec}`, options);
  if (spec.startsWith('/dev/')) return openUsbCamera(spec, options);
  // An empty value, such as an unset variable of a script, must not select the working folder.
  if (spec === '') {
    throw new MienError('No source given (expected a camera, a file, a folder or an address)', {
      code: exitCode.usage,
      remedy: 'List the cameras with: mien devices',
    });
  }
  return openPath(resolve(spec), options);
}

function openPath(path: string, options: SourceOptions): Promise<FrameSource> {
  const found = existsSync(path) ? statSync(path) : undefined;
  if (!found) {
    throw new MienError(
      `No such source: ${path} (expected a camera, a video file, a picture, a folder of images or a URL)`,
      {
        code: exitCode.noInput,
        remedy: 'Check the path, or list the cameras with: mien devices',
      },
    );
  }
  if (found.isDirectory()) return openImageFolder(path, options);
  return imageFilePattern.test(path) ? openImage(path, options) : openVideoFile(path, options);
}

function firstCamera(): string {
  const [first] = listCaptureDevices();
  if (first) return first.stablePath ?? first.path;
  throw new MienError('No USB camera found (expected one under /dev/v4l/by-id or /dev/video*)', {
    code: exitCode.noInput,
    remedy: 'Plug one in, or set camera.source to a file, a URL or demo',
  });
}

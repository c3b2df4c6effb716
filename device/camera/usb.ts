import { existsSync, realpathSync } from 'node:fs';
import { exitCode, MienError } from '../core/errors.ts';
import { cv, type VideoCapture } from '../core/opencv.ts';
import { decodedOpener, jpegOpener, motionJpeg, nextIntact, requestBuffers } from './jpeg-reader.ts';
import { orientationOf, sizeAfter } from './orientation.ts';
import type { FrameSource, SourceOptions } from './source.ts';

/**
 * Opens a V4L2 camera by its device path. Requests size and rate and accepts what the camera offers. Motion JPEG is the
 * only format in which common USB cameras deliver 640x480 and more at full rate over USB 2.
 *
 * @throws MienError (noInput) for a missing device, (unavailable) for one that cannot be opened or delivers no picture.
 */
export async function openUsbCamera(path: string, options: SourceOptions): Promise<FrameSource> {
  if (!existsSync(path)) {
    throw new MienError(`No camera at ${path} (expected a V4L2 device)`, {
      code: exitCode.noInput,
      remedy: 'Plug it in, or list what is there with: mien devices',
    });
  }
  const capture = openDevice(path);
  capture.set(cv.CAP_PROP_FOURCC, motionJpeg);
  capture.set(cv.CAP_PROP_FRAME_WIDTH, options.width);
  capture.set(cv.CAP_PROP_FRAME_HEIGHT, options.height);
  capture.set(cv.CAP_PROP_FPS, options.fps);
  // Two kernel buffers: one being filled, one being read. With the default of four, a late reader gets frames 100 ms
  // old.
  capture.set(cv.CAP_PROP_BUFFERSIZE, 2);
  const { targetWidth } = options;
  const mounting = orientationOf(options);
  const open =
    targetWidth !== undefined && requestBuffers(capture) ? jpegOpener(targetWidth, mounting) : decodedOpener(mounting);

  const openedAt = performance.now();
  let index = 0;
  const next = async () => {
    const mat = capture.read();
    return mat.empty ? undefined : { index: index++, mat, t: (performance.now() - openedAt) / 1000 };
  };
  return {
    info: {
      description: `USB camera ${path}`,
      ...sizeAfter(mounting, {
        width: capture.get(cv.CAP_PROP_FRAME_WIDTH),
        height: capture.get(cv.CAP_PROP_FRAME_HEIGHT),
      }),
      fps: capture.get(cv.CAP_PROP_FPS) || options.fps,
      live: true,
    },
    read: (_signal, readOptions) => nextIntact(next, open, readOptions),
    close: () => capture.release(),
  };
}

function openDevice(path: string): VideoCapture {
  const index = /^\/dev\/video(\d+)$/.exec(realpathSync(path))?.[1];
  try {
    // By index: OpenCV's V4L2 backend treats the path of a by-id link as a file name.
    return new cv.VideoCapture(index === undefined ? (path as never) : Number(index), cv.CAP_V4L2);
  } catch (error) {
    throw new MienError(`Camera ${path} cannot be opened`, {
      code: exitCode.unavailable,
      remedy:
        'Check that no other program uses it and that this user is in the group video; or try camera.source still:' +
        path,
      cause: error,
    });
  }
}

import { scaleBox } from '../core/boxes.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';
import type { Detector } from './detector.ts';
import { findCascade, haarFolders } from './haar-files.ts';

/** Width of the frame for the cascade: 37 ms at 640 px and 11 ms at 320 px on the same machine. */
const workWidth = 320;

/**
 * OpenCV's frontal Haar cascade (Viola & Jones 2001; the tree-based alt2 of Lienhart 2002): the fallback where the
 * files of YuNet and BlazeFace are absent. Finds upright frontal faces only; gives no score and no landmarks. On the
 * demo clip, alt2 found exactly the faces present; `default` found up to two more.
 *
 * @throws MienError (unavailable) when the system has no cascade file.
 */
export function createHaarDetector(options: { minFace: number; folders?: readonly string[] }): Detector {
  let { minFace } = options;
  const cascade = new cv.CascadeClassifier(requireCascade(options.folders ?? haarFolders));
  return {
    description: `Haar cascade (OpenCV, ${workWidth} px)`,
    boxKind: 'haar',
    detectionWidth: () => workWidth,
    async detect(frame, reducedBy = 1) {
      const scale = Math.min(1, workWidth / frame.cols);
      const grey = scaledGrey(frame, scale);
      const minFaceSide = Math.max(20, Math.round((minFace * scale) / reducedBy));
      const { objects } = cascade.detectMultiScale(grey, {
        scaleFactor: 1.1,
        minNeighbors: 4,
        minSize: new cv.Size(minFaceSide, minFaceSide),
      });
      grey.release();
      return objects
        .map((rect): Detection => ({ box: scaleBox(rect, reducedBy / scale), score: 1 }))
        .sort((a, b) => b.box.height - a.box.height);
    },
    adjust(limits) {
      minFace = limits.minFace;
    },
  };
}

function requireCascade(folders: readonly string[]): string {
  const file = findCascade(folders);
  if (file) return file;
  throw new MienError(
    `No face detector: neither YuNet's or BlazeFace's file nor OpenCV's Haar cascade in ${folders.join(', ')}`,
    {
      code: exitCode.unavailable,
      remedy:
        'Fetch YuNet or BlazeFace with: mien models pull; or install the cascade with: apt-get install opencv-data',
    },
  );
}

/** Reduced, grey and with an equalized histogram, as in the cascade's training. */
function scaledGrey(frame: Mat, scale: number): Mat {
  const rows = Math.max(1, Math.round(frame.rows * scale));
  const small = frame.resize(rows, Math.round(frame.cols * scale), 0, 0, cv.INTER_LINEAR);
  const grey = small.cvtColor(cv.COLOR_BGR2GRAY);
  const equalized = grey.equalizeHist();
  small.release();
  grey.release();
  return equalized;
}

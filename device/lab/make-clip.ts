/**
 * Makes the demo's built-in clip, device/demo/clip.mp4: two visitors walk up to the camera, stay a while and leave.
 *
 *   npx tsc -p device/lab/tsconfig.build.json && node device/lab/dist/lab/make-clip.js PORTRAIT OUT.mp4
 *
 * PORTRAIT is astronaut.png of scikit-image (in Debian: package python3-skimage, folder skimage/data): Eileen Collins,
 * photographed by NASA in 1993, public domain. Both visitors are that portrait, one of them mirrored, moved, turned and scaled
 * over a plain background. The clip contains no drawn faces and no labels: the demo shows the results of detector and
 * classifier.
 */
import { cv, type Mat } from '../core/opencv.ts';

const width = 640;
const height = 480;
const fps = 24;
const seconds = 16;

/** Centre of the face in the 512x512 portrait, and the ellipse around head and shoulders that is cut out. */
const face = { x: 224, y: 120 };
const cutOut = { x: 230, y: 230, radiusX: 200, radiusY: 300, feather: 0.18 };

/** Pose of a visitor's face at a time: position in pixels, scale of the portrait, rotation in degrees. */
interface Pose {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly turn: number;
}

const first: readonly Pose[] = [
  { t: 0.8, x: -220, y: 190, scale: 0.8, turn: 0 },
  { t: 2.6, x: 250, y: 180, scale: 1.0, turn: 3 },
  { t: 4.5, x: 300, y: 185, scale: 1.3, turn: -6 },
  { t: 6.5, x: 260, y: 180, scale: 1.2, turn: 5 },
  { t: 9.0, x: 190, y: 180, scale: 1.0, turn: -3 },
  { t: 11.5, x: 180, y: 185, scale: 1.0, turn: 4 },
  { t: 13.0, x: -240, y: 195, scale: 0.9, turn: 0 },
];

const second: readonly Pose[] = [
  { t: 6.5, x: 860, y: 170, scale: 0.7, turn: 0 },
  { t: 8.5, x: 480, y: 165, scale: 0.75, turn: -4 },
  { t: 10.5, x: 470, y: 175, scale: 0.9, turn: 5 },
  { t: 12.5, x: 430, y: 170, scale: 0.85, turn: -2 },
  { t: 14.0, x: 880, y: 175, scale: 0.75, turn: 0 },
];

const [portraitPath, out] = process.argv.slice(2);
if (!portraitPath || !out) throw new Error('Expected: make-clip PORTRAIT OUT.mp4');
const portrait = cv.imread(portraitPath, cv.IMREAD_COLOR);
const mirrored = portrait.flip(1);
const mask = softEllipse(portrait.cols, portrait.rows);
const mirroredMask = mask.flip(1);
const background = makeBackground();

const writer = new cv.VideoWriter(out, cv.VideoWriter.fourcc('avc1'), fps, new cv.Size(width, height));
for (let index = 0; index < fps * seconds; index++) {
  const t = index / fps;
  const picture = Buffer.from(background);
  place(picture, mirrored, mirroredMask, poseAt(second, t), portrait.cols - face.x);
  place(picture, portrait, mask, poseAt(first, t), face.x);
  const frame = new cv.Mat(picture, height, width, cv.CV_8UC3);
  writer.write(frame);
  frame.release();
}
writer.release();

/** Interpolates between two poses with easing, so that visitors start and stop smoothly. */
function poseAt(poses: readonly Pose[], t: number): Pose | undefined {
  const next = poses.findIndex((pose) => pose.t > t);
  const from = poses[next - 1];
  const to = poses[next];
  if (!from || !to) return undefined;
  const linear = (t - from.t) / (to.t - from.t);
  const eased = linear * linear * (3 - 2 * linear);
  const between = (a: number, b: number) => a + (b - a) * eased;
  return {
    t,
    x: between(from.x, to.x),
    y: between(from.y, to.y),
    scale: between(from.scale, to.scale),
    turn: between(from.turn, to.turn),
  };
}

/** Draws the portrait over the picture, with its face at the pose. */
function place(picture: Buffer, source: Mat, sourceMask: Mat, pose: Pose | undefined, faceX: number): void {
  if (!pose) return;
  const angle = (pose.turn * Math.PI) / 180;
  const cos = Math.cos(angle) * pose.scale;
  const sin = Math.sin(angle) * pose.scale;
  const matrix = new cv.Mat(
    [
      [cos, -sin, pose.x - cos * faceX + sin * face.y],
      [sin, cos, pose.y - sin * faceX - cos * face.y],
    ],
    cv.CV_64F,
  );
  const size = new cv.Size(width, height);
  const warped = source.warpAffine(matrix, size, cv.INTER_AREA);
  const warpedMask = sourceMask.warpAffine(matrix, size, cv.INTER_LINEAR);
  const colours = warped.getData();
  const alphas = warpedMask.getData();
  for (const mat of [matrix, warped, warpedMask]) mat.release();
  for (let pixel = 0; pixel < alphas.length; pixel++) {
    const alpha = alphas[pixel]! / 255;
    if (alpha === 0) continue;
    for (let at = pixel * 3; at < pixel * 3 + 3; at++) {
      picture[at] = Math.round(alpha * colours[at]! + (1 - alpha) * picture[at]!);
    }
  }
}

function softEllipse(columns: number, rows: number): Mat {
  const bytes = Buffer.alloc(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const distance = Math.hypot((x - cutOut.x) / cutOut.radiusX, (y - cutOut.y) / cutOut.radiusY);
      const edge = Math.min(x, columns - 1 - x, y) / 40;
      bytes[y * columns + x] = Math.round(255 * clamp01((1 - distance) / cutOut.feather) * clamp01(edge));
    }
  }
  return new cv.Mat(bytes, rows, columns, cv.CV_8U);
}

/** A plain light grey wall, darker towards the floor, with some noise like a camera picture. */
function makeBackground(): Buffer {
  const picture = Buffer.alloc(width * height * 3);
  // A fixed congruential generator (Numerical Recipes), so that every run makes the same clip.
  let seed = 1;
  const grain = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed / 2 ** 32 - 0.5) * 4;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 222 - 95 * (y / height) ** 2 - 40 * Math.abs(x / width - 0.45);
      const at = (y * width + x) * 3;
      const noise = grain();
      picture[at] = light * 0.92 + noise;
      picture[at + 1] = light * 0.97 + noise;
      picture[at + 2] = light + noise;
    }
  }
  return picture;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}

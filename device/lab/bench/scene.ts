/**
 * Clips with a given number of faces and a given size: the face of the demo clip, tiled over its empty background. They are
 * composed, because no recordings exist that differ only in the number of faces (1, 2, 4, 8, 16).
 */
import { join } from 'node:path';
import { openSource } from '../../camera/open.ts';
import { cv, type Mat } from '../../core/opencv.ts';
import type { Box } from '../../core/types.ts';
import { chooseDetector } from '../../detect/choose.ts';

export interface Scene {
  readonly faces: number;
  readonly width: number;
  readonly height: number;
}

export interface SceneClip extends Scene {
  /** MJPEG in AVI: the format of USB cameras, which OpenCV writes without a system codec. */
  readonly file: string;
  readonly frames: number;
  readonly fps: number;
}

/** The pictures that scenes are made of. The caller releases both. */
export interface Ingredients {
  /** A square around the face: 1.6 times its height. */
  readonly face: Mat;
  readonly background: Mat;
}

const faceShare = 1 / 1.6;
/** Number of noise patterns, used in turns: a camera never repeats a picture, and the pipeline may skip a repeated one. */
const grains = 4;
/** Maximum noise, of 255; about that of a webcam in daylight. */
const maxGrain = 6;

/** From the demo clip: its first frame, which is empty, and its largest single face. */
export async function takeIngredients(modelsDir: string): Promise<Ingredients> {
  const detect = { detector: 'auto', modelsDir, minScore: 0.8, minFace: 16, inputWidth: 640 } as const;
  const { detector } = chooseDetector(detect);
  const source = await openSource('demo', { width: 640, height: 480, fps: 30, loop: false, pace: 'max' });
  const never = new AbortController().signal;
  let background: Mat | undefined;
  let best: { face: Mat; height: number } | undefined;
  for (let frame = await source.read(never); frame; frame = await source.read(never)) {
    background ??= frame.mat.copy();
    // The face changes slowly: checking every eighth frame is enough.
    const found = frame.index % 8 === 0 ? await detector.detect(frame.mat) : [];
    const [only] = found;
    if (only && found.length === 1 && only.box.height > (best?.height ?? 0)) {
      best?.face.release();
      best = { face: squareAround(frame.mat, only.box), height: only.box.height };
    }
    frame.mat.release();
  }
  source.close();
  if (!best || !background) throw new Error('The demo clip shows no single face (expected one; make it again)');
  return { face: best.face, background };
}

function squareAround(frame: Mat, box: Box): Mat {
  const side = Math.min(frame.rows, frame.cols, Math.round(box.height / faceShare));
  const left = Math.round(box.x + box.width / 2 - side / 2);
  const top = Math.round(box.y + box.height / 2 - side / 2);
  const within = (value: number, most: number) => Math.min(Math.max(0, value), most);
  const region = frame.getRegion(
    new cv.Rect(within(left, frame.cols - side), within(top, frame.rows - side), side, side),
  );
  const square = region.copy();
  region.release();
  return square;
}

/** The frames of a scene. The faces move a little, as people do. */
export class SceneMaker {
  readonly #scene: Scene;
  readonly #background: Mat;
  readonly #faces: readonly Mat[];
  readonly #grain: readonly Mat[];
  readonly #places: readonly Box[];
  readonly #sway: number;

  constructor(scene: Scene, { face, background }: Ingredients) {
    const { width, height } = scene;
    this.#scene = scene;
    this.#background = background.resize(height, width);
    this.#places = placesOf(scene);
    const side = this.#places[0]?.width ?? 0;
    this.#sway = Math.round(side * 0.05);
    const scaled = side > 0 ? face.resize(side, side, 0, 0, cv.INTER_AREA) : undefined;
    this.#faces = scaled ? [scaled, scaled.flip(1)] : [];
    this.#grain = Array.from({ length: grains }, (_, seed) => grainOf(scene, seed + 1));
  }

  /** The caller releases it. */
  frame(index: number): Mat {
    const empty = this.#background.copy();
    for (const [number, place] of this.#places.entries()) {
      const phase = index / 12 + number * 1.7;
      const x = place.x + Math.round(this.#sway * Math.sin(phase));
      const y = place.y + Math.round(this.#sway * Math.cos(phase * 0.7));
      const target = empty.getRegion(new cv.Rect(x, y, place.width, place.height));
      this.#faces[number % 2]!.copyTo(target).release();
      target.release();
    }
    const picture = empty.add(this.#grain[index % grains]!);
    empty.release();
    return picture;
  }

  write(file: string, { frames, fps }: { frames: number; fps: number }): SceneClip {
    const { width, height } = this.#scene;
    const writer = new cv.VideoWriter(file, cv.VideoWriter.fourcc('MJPG'), fps, new cv.Size(width, height));
    for (let index = 0; index < frames; index++) {
      const picture = this.frame(index);
      writer.write(picture);
      picture.release();
    }
    writer.release();
    return { ...this.#scene, file, frames, fps };
  }

  close(): void {
    for (const mat of [this.#background, ...this.#faces, ...this.#grain]) mat.release();
  }
}

/** Squares for the faces in the cells of a grid; 10 % of each cell is left for movement. */
export function placesOf({ faces, width, height }: Scene): Box[] {
  const columns = Math.ceil(Math.sqrt(faces));
  const rows = Math.ceil(faces / columns);
  const cell = { width: width / columns, height: height / rows };
  // A single face fills at most half of the height of the picture, like a person at arm's length from a screen.
  const side = Math.floor(Math.min(cell.width * 0.88, cell.height * 0.88, (height / 2) * 1.6));
  return Array.from({ length: faces }, (_, index) => ({
    x: Math.round((index % columns) * cell.width + (cell.width - side) / 2),
    y: Math.round(Math.floor(index / columns) * cell.height + (cell.height - side) / 2),
    width: side,
    height: side,
  }));
}

/** A fixed congruential generator (Numerical Recipes), so that every run makes the same clips. */
function grainOf({ width, height }: Scene, seed: number): Mat {
  const bytes = Buffer.alloc(width * height * 3);
  let state = seed;
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = (state >>> 24) % (maxGrain + 1);
  }
  return new cv.Mat(bytes, height, width, cv.CV_8UC3);
}

/** Makes the clip of one scene in a folder. */
export function writeScene(
  scene: Scene,
  ingredients: Ingredients,
  { folder, frames, fps }: { folder: string; frames: number; fps: number },
): SceneClip {
  const maker = new SceneMaker(scene, ingredients);
  const { faces, width, height } = scene;
  const clip = maker.write(join(folder, `${width}x${height}-${faces}-at-${fps}.avi`), { frames, fps });
  maker.close();
  return clip;
}

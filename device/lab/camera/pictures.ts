import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoClip } from '../../camera/source-spec.ts';
import { cv } from '../../core/opencv.ts';

/** Sizes that usb-camera.py offers. */
const sizes = [
  [640, 480],
  [320, 240],
] as const;
const count = 30;

/** Writes pictures of the built-in clip for usb-camera.py: `FOLDER/640x480/00.jpg`, ... */
export function writePictures(folder: string): void {
  const clip = new cv.VideoCapture(demoClip);
  for (const [width, height] of sizes) mkdirSync(join(folder, `${width}x${height}`), { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const picture = clip.read();
    for (const [width, height] of sizes) {
      const scaled = picture.resize(height, width);
      const name = `${String(index).padStart(2, '0')}.jpg`;
      writeFileSync(join(folder, `${width}x${height}`, name), cv.imencode('.jpg', scaled));
      scaled.release();
    }
    picture.release();
  }
  clip.release();
}

import { cv, type Mat } from '../core/opencv.ts';

/** A picture of one shade of grey, by which a test knows it again: codecs change shades by one or two. */
export function greyPicture(shade: number, width = 64, height = 48): Mat {
  return new cv.Mat(Buffer.alloc(width * height * 3, shade), height, width, cv.CV_8UC3);
}

/** The shade of a picture from `greyPicture`. */
export function shadeOf(picture: Mat): number {
  return picture.mean().x;
}

export interface ClipOptions {
  readonly frames: number;
  readonly fps?: number;
  readonly width?: number;
  readonly height?: number;
}

/** The shade of frame `index` of `writeClip`'s recordings: eight apart, so that neighbours are told apart. */
export function shadeOfFrame(index: number): number {
  return 8 + 8 * (index % 30);
}

/** Records Motion JPEG, which every OpenCV can write, into `.avi` or `.mkv`; each frame in a shade of its own. */
export function writeClip(path: string, { frames, fps = 30, width = 64, height = 48 }: ClipOptions): void {
  const writer = new cv.VideoWriter(path, cv.VideoWriter.fourcc('MJPG'), fps, new cv.Size(width, height));
  for (let index = 0; index < frames; index++) {
    const picture = greyPicture(shadeOfFrame(index), width, height);
    writer.write(picture);
    picture.release();
  }
  writer.release();
}

/** A PNG that says it has this size and holds no picture. */
export function pngHeader(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(33);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  Buffer.from('0802000000', 'hex').copy(bytes, 24);
  return bytes;
}

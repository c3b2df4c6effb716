import { demoClip, openSource } from '../../camera/open.ts';
import { cv } from '../../core/opencv.ts';

/** Pictures of the demo clip, as JPEG. */
export async function demoPictures(count: number): Promise<Uint8Array[]> {
  const source = await openSource(demoClip, { width: 640, height: 480, fps: 24, loop: false, pace: 'max' });
  const pictures: Uint8Array[] = [];
  try {
    while (pictures.length < count) {
      const frame = await source.read(new AbortController().signal);
      if (!frame) break;
      pictures.push(cv.imencode('.jpg', frame.mat));
    }
  } finally {
    source.close();
  }
  return pictures;
}

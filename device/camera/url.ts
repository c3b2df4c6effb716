import { exitCode, MienError } from '../core/errors.ts';
import { cv, type VideoCapture } from '../core/opencv.ts';
import type { FrameSource, SourceOptions } from './source.ts';

/**
 * Opens an RTSP or HTTP stream (multipart MJPEG, HLS, ...) with FFmpeg. FFmpeg keeps what it received until it is read, so
 * a slow reader would fall behind for ever; frames that arrived in the meantime are dropped before the next one is taken.
 *
 * @throws MienError (unavailable) when nothing answers or it is no video.
 */
export async function openUrl(url: string, options: SourceOptions): Promise<FrameSource> {
  const shown = withoutCredentials(url);
  const capture = open(url, shown);
  const fps = reported(capture.get(cv.CAP_PROP_FPS)) ?? options.fps;
  const openedAt = performance.now();
  let index = 0;
  let lastReadAt = openedAt;

  const dropLate = () => {
    const behind = Math.floor(((performance.now() - lastReadAt) * fps) / 1000) - 1;
    for (let i = 0; i < Math.min(behind, fps); i++) {
      const mat = capture.read();
      if (mat.empty) return;
      mat.release();
      index += 1;
    }
  };

  return {
    info: {
      description: `stream ${shown}`,
      width: capture.get(cv.CAP_PROP_FRAME_WIDTH) || options.width,
      height: capture.get(cv.CAP_PROP_FRAME_HEIGHT) || options.height,
      fps,
      live: true,
    },
    async read() {
      dropLate();
      const mat = capture.read();
      lastReadAt = performance.now();
      if (mat.empty) return undefined;
      return { index: index++, mat, t: (lastReadAt - openedAt) / 1000 };
    },
    close: () => capture.release(),
  };
}

function open(url: string, shown: string): VideoCapture {
  try {
    return new cv.VideoCapture(url, cv.CAP_FFMPEG);
  } catch (error) {
    throw new MienError(`No video from ${shown} (nothing answers there, or it is no video stream)`, {
      code: exitCode.unavailable,
      remedy: 'Check address, user and password of the stream, for example with: ffprobe URL',
      cause: error,
    });
  }
}

/** Streams without a rate report 0 or their time base (90,000). */
function reported(fps: number): number | undefined {
  return fps > 0 && fps <= 240 ? fps : undefined;
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = parsed.username && '***';
  parsed.password = parsed.password && '***';
  return parsed.toString();
}

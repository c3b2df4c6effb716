import { exitCode, MienError } from '../core/errors.ts';
import { maskAddress } from '../core/mask.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { isStreamAddress } from './forms.ts';
import { jpegOpener, nextWhole, openDecoded, wantPackets } from './jpeg-reader.ts';
import type { FrameSource, SourceOptions } from './source.ts';

/**
 * Opens an RTSP or HTTP stream (multipart MJPEG, HLS, ...) with FFmpeg. FFmpeg keeps what it received until it is read, so
 * a slow reader would fall behind for ever; frames that arrived in the meantime are dropped before the next one is taken.
 *
 * @throws MienError (usage) for what is no URL, (unavailable) when nothing answers or it is no video.
 */
export async function openUrl(url: string, options: SourceOptions): Promise<FrameSource> {
  const shown = maskAddress(url);
  requireAddress(url, shown);
  const capture = connect(url, shown);
  const fps = reported(capture.get(cv.CAP_PROP_FPS)) ?? options.fps;
  const { enoughWidth } = options;
  const open = enoughWidth !== undefined && wantPackets(capture) ? jpegOpener(enoughWidth) : openDecoded;
  const openedAt = performance.now();
  let index = 0;
  let lastReadAt = openedAt;

  /** The newest frame: as many are dropped as have come since the last read. */
  const readNewest = (): Mat => {
    const behind = Math.min(fps, Math.floor(((performance.now() - lastReadAt) * fps) / 1000) - 1);
    let askedAt = performance.now();
    let mat = capture.read();
    for (let dropped = 0; dropped < behind && !mat.empty; dropped++) {
      // It had to be waited for, so nothing newer is there: the stream is slower than the rate that it reports.
      if (performance.now() - askedAt > 500 / fps) break;
      mat.release();
      index += 1;
      askedAt = performance.now();
      mat = capture.read();
    }
    return mat;
  };
  const next = async () => {
    const mat = readNewest();
    lastReadAt = performance.now();
    return mat.empty ? undefined : { index: index++, mat, t: (lastReadAt - openedAt) / 1000 };
  };

  return {
    info: {
      description: `stream ${shown}`,
      width: capture.get(cv.CAP_PROP_FRAME_WIDTH) || options.width,
      height: capture.get(cv.CAP_PROP_FRAME_HEIGHT) || options.height,
      fps,
      live: true,
    },
    read: (_signal, wish) => nextWhole(next, open, wish),
    close: () => capture.release(),
  };
}

function connect(url: string, shown: string): VideoCapture {
  try {
    // FFmpeg knows its protocols by their names in small letters.
    return new cv.VideoCapture(
      url.replace(/^\w+/, (scheme) => scheme.toLowerCase()),
      cv.CAP_FFMPEG,
    );
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

/** `shown` is the address as the message may name it: what cannot be parsed may still hold a password. */
function requireAddress(url: string, shown: string): void {
  if (isStreamAddress(url)) return;
  throw new MienError(
    `Not an address of a stream: ${JSON.stringify(shown)} (expected rtsp://host/path or http://host/path)`,
    {
      code: exitCode.usage,
      remedy: 'Correct the address; in a password write / as %2F, # as %23, ? as %3F and @ as %40',
    },
  );
}

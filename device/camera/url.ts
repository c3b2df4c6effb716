import { exitCode, MienError } from '../core/errors.ts';
import { maskAddress } from '../core/mask.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { openHttpPictures } from './http-pictures.ts';
import { checkAddressRemedy, noVideo } from './http-request.ts';
import { decodedOpener, jpegOpener, nextIntact, requestPackets } from './jpeg-reader.ts';
import { orientationOf, sizeAfter } from './orientation.ts';
import { explainRtspFailure } from './rtsp-refusal.ts';
import { defaultStallMs, type FrameSource, type SourceOptions } from './source.ts';
import { isStreamAddress } from './source-spec.ts';

/**
 * Opens an RTSP or HTTP stream. JPEGs over HTTP are read by http-pictures.ts, everything else (RTSP, HLS, ...) by
 * FFmpeg. FFmpeg queues received frames until they are read, so a slow reader would fall behind forever. Therefore
 * frames that arrived in the meantime are dropped before the next one is taken.
 *
 * @throws MienError (usage) for an invalid URL, (unavailable) when nothing answers or the content is not video.
 */
export async function openUrl(url: string, options: SourceOptions, signal?: AbortSignal): Promise<FrameSource> {
  const maskedUrl = maskAddress(url);
  requireAddress(url, maskedUrl);
  if (/^http/i.test(url)) {
    const pictures = await openHttpPictures(url, options, signal ?? new AbortController().signal);
    if (pictures) return pictures;
  }
  const capture = await connect(url, maskedUrl, options);
  const fps = plausibleRate(capture.get(cv.CAP_PROP_FPS)) ?? options.fps;
  const { targetWidth } = options;
  const mounting = orientationOf(options);
  const open =
    targetWidth !== undefined && requestPackets(capture) ? jpegOpener(targetWidth, mounting) : decodedOpener(mounting);
  const openedAt = performance.now();
  let index = 0;
  let lastReadAt = openedAt;

  /** The newest frame: drops as many as have come since the last read. */
  const readNewest = (): Mat => {
    const behind = Math.min(fps, Math.floor(((performance.now() - lastReadAt) * fps) / 1000) - 1);
    let askedAt = performance.now();
    let mat = capture.read();
    for (let dropped = 0; dropped < behind && !mat.empty; dropped++) {
      // This read had to wait, so no newer frame is queued: the stream is slower than the rate that it reports.
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
      description: `stream ${maskedUrl}`,
      ...sizeAfter(mounting, {
        width: capture.get(cv.CAP_PROP_FRAME_WIDTH) || options.width,
        height: capture.get(cv.CAP_PROP_FRAME_HEIGHT) || options.height,
      }),
      fps,
      live: true,
    },
    read: (_signal, readOptions) => nextIntact(next, open, readOptions),
    close: () => capture.release(),
  };
}

async function connect(url: string, maskedUrl: string, options: SourceOptions): Promise<VideoCapture> {
  // OpenCV reads this variable at each opening; its bindings offer no other way.
  if (!isSetByUser) process.env.OPENCV_FFMPEG_CAPTURE_OPTIONS = ffmpegOptions(options);
  try {
    // FFmpeg accepts protocol names in lower case only.
    return new cv.VideoCapture(
      url.replace(/^\w+/, (scheme) => scheme.toLowerCase()),
      cv.CAP_FFMPEG,
    );
  } catch {
    // OpenCV throws without a reason.
    if (/^rtsp/i.test(url)) throw await explainRtspFailure(url, maskedUrl, options.stallMs ?? defaultStallMs);
    throw noVideo(maskedUrl, 'nothing answers there, or it is no video stream', checkAddressRemedy);
  }
}

const isSetByUser = process.env.OPENCV_FFMPEG_CAPTURE_OPTIONS !== undefined;

/**
 * FFmpeg 5 has libavformat 59. From there on `timeout` is the timeout of the RTSP connection; before, it means
 * "listen".
 */
const libavformat = Number(/avformat:\s+YES \((\d+)/.exec(cv.getBuildInformation())?.[1] ?? 0);

const transports = { auto: 'rtsp_flags;prefer_tcp', tcp: 'rtsp_transport;tcp', udp: 'rtsp_transport;udp' } as const;

/**
 * A stream that stops answering must fail within `stallMs`, not after FFmpeg's 30 s. FFmpeg's values are in
 * microseconds.
 */
function ffmpegOptions({ rtspTransport = 'auto', stallMs = defaultStallMs }: SourceOptions): string {
  const limit = libavformat >= 59 ? 'timeout' : 'stimeout';
  return [transports[rtspTransport], `${limit};${1000 * stallMs}`, `rw_timeout;${1000 * stallMs}`].join('|');
}

/** Streams without a rate report 0 or their time base (90,000). */
function plausibleRate(fps: number): number | undefined {
  return fps > 0 && fps <= 240 ? fps : undefined;
}

/** `maskedUrl` is the address for messages: an address that cannot be parsed may still hold a password. */
function requireAddress(url: string, maskedUrl: string): void {
  if (isStreamAddress(url)) return;
  throw new MienError(
    `Not an address of a stream: ${JSON.stringify(maskedUrl)} (expected rtsp://host/path or http://host/path)`,
    {
      code: exitCode.usage,
      remedy: 'Correct the address; in a password write / as %2F, # as %23, ? as %3F and @ as %40',
    },
  );
}

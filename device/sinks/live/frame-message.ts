import type { LiveFrame, Reading } from '../../core/types.ts';

/** Head of a binary message on the live WebSocket. */
export interface FrameHead {
  readonly type: 'frame';
  readonly reading: Reading;
}

/** Made once per frame, however many viewers get it: a source hands the same object to all of them. */
function oncePerFrame(make: (frame: LiveFrame) => Uint8Array): (frame: LiveFrame) => Uint8Array {
  const messages = new WeakMap<LiveFrame, Uint8Array>();
  return (frame) => {
    const known = messages.get(frame) ?? make(frame);
    messages.set(frame, known);
    return known;
  };
}

/**
 * The binary message of one frame: 4 bytes big-endian length of the head, the head as JSON (UTF-8), then the JPEG bytes of
 * exactly that frame.
 */
export const frameMessage = oncePerFrame((frame) => {
  const head: FrameHead = { type: 'frame', reading: frame.reading };
  const json = Buffer.from(JSON.stringify(head));
  const message = Buffer.allocUnsafe(4 + json.length + frame.jpeg.length);
  message.writeUInt32BE(json.length, 0);
  message.set(json, 4);
  message.set(frame.jpeg, 4 + json.length);
  return message;
});

/** Separates the parts of the MJPEG stream. */
export const mjpegBoundary = 'mien-frame';

/**
 * One part of a multipart/x-mixed-replace stream. The boundary that ends it is sent at once, because browsers show a part
 * only when they see its end; the stream therefore starts with `mjpegOpening`.
 */
export const mjpegPart = oncePerFrame(({ reading, jpeg }) => {
  return Buffer.concat([
    Buffer.from(
      `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\nX-Frame: ${reading.frame}\r\nX-Timestamp: ${reading.ts}\r\n\r\n`,
    ),
    jpeg,
    Buffer.from(`\r\n--${mjpegBoundary}\r\n`),
  ]);
});

export const mjpegOpening: Uint8Array = Buffer.from(`--${mjpegBoundary}\r\n`);

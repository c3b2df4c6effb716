import type { LiveFrame, Reading } from '../../core/types.ts';

/** Head of a binary message on the live WebSocket. */
export interface FrameHead {
  readonly type: 'frame';
  readonly reading: Reading;
}

const messages = new WeakMap<LiveFrame, Uint8Array>();

/**
 * The binary message of one frame: 4 bytes big-endian length of the head, the head as JSON (UTF-8), then the JPEG bytes of
 * exactly that frame. Made once per frame, however many viewers get it.
 */
export function frameMessage(frame: LiveFrame): Uint8Array {
  const known = messages.get(frame);
  if (known) return known;
  const head: FrameHead = { type: 'frame', reading: frame.reading };
  const json = Buffer.from(JSON.stringify(head));
  const message = Buffer.allocUnsafe(4 + json.length + frame.jpeg.length);
  message.writeUInt32BE(json.length, 0);
  message.set(json, 4);
  message.set(frame.jpeg, 4 + json.length);
  messages.set(frame, message);
  return message;
}

/** Separates the parts of the MJPEG stream. */
export const mjpegBoundary = 'mien-frame';

/**
 * One part of a multipart/x-mixed-replace stream. The boundary that ends it is sent at once, because browsers show a part
 * only when they see its end; the stream therefore starts with `mjpegOpening`.
 */
export function mjpegPart(frame: LiveFrame): Uint8Array {
  const { reading, jpeg } = frame;
  return Buffer.concat([
    Buffer.from(
      `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\nX-Frame: ${reading.frame}\r\nX-Timestamp: ${reading.ts}\r\n\r\n`,
    ),
    jpeg,
    Buffer.from(`\r\n--${mjpegBoundary}\r\n`),
  ]);
}

export const mjpegOpening: Uint8Array = Buffer.from(`--${mjpegBoundary}\r\n`);

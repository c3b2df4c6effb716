import { frameHeadSchema } from '../../contract/live.ts';
import { toOutside } from '../../contract/outside.ts';
import { oncePer } from '../../core/once-per.ts';
import type { LiveFrame } from '../../core/types.ts';

/**
 * The binary message of one frame: 4 bytes big-endian length of the head, the head as JSON (UTF-8), then the JPEG bytes of
 * exactly that frame. Made once per frame, however many viewers get it: a source hands the same object to all of them.
 */
export const frameMessage = oncePer((frame: LiveFrame): Uint8Array => {
  const head = toOutside(frameHeadSchema, { type: 'frame', reading: frame.reading });
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
export const mjpegPart = oncePer(({ reading, jpeg }: LiveFrame): Uint8Array => {
  return Buffer.concat([
    Buffer.from(
      `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\nX-Frame: ${reading.frame}\r\nX-Timestamp: ${reading.ts}\r\n\r\n`,
    ),
    jpeg,
    Buffer.from(`\r\n--${mjpegBoundary}\r\n`),
  ]);
});

export const mjpegOpening: Uint8Array = Buffer.from(`--${mjpegBoundary}\r\n`);

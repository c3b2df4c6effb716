import type { Frame } from '../camera/source.ts';
import { cv, type Mat } from '../core/opencv.ts';
import type { Face } from '../core/types.ts';

/**
 * The frame as a JPEG: the source's own bytes where their orientation is that of the picture, so that nothing is
 * encoded.
 */
export function plainJpeg({ mat, jpeg }: Frame, quality: number): Buffer {
  if (!jpeg) return encodeJpeg(mat, quality);
  if (!jpeg.isTurned) return jpeg.bytes;
  if (jpeg.scale === 1) return encodeJpeg(mat, quality);
  const picture = jpeg.decode(1, 'bgr');
  const encoded = encodeJpeg(picture, quality);
  picture.release();
  return encoded;
}

/** The whole picture as a JPEG with boxes and labels drawn in, for players that show pictures only. */
export function annotatedJpeg({ mat, jpeg }: Frame, faces: readonly Face[], quality: number): Buffer {
  const isReduced = jpeg !== undefined && jpeg.scale > 1;
  return isReduced ? drawAndEncode(jpeg.decode(1, 'bgr'), faces, quality) : encodeAnnotated(mat, faces, quality);
}

/** Encodes one frame. */
export function encodeJpeg(frame: Mat, quality: number): Buffer {
  return cv.imencode('.jpg', frame, [cv.IMWRITE_JPEG_QUALITY, quality]);
}

/** Encodes a copy of the frame with boxes and labels drawn in. */
export function encodeAnnotated(frame: Mat, faces: readonly Face[], quality: number): Buffer {
  return drawAndEncode(frame.copy(), faces, quality);
}

/** Takes ownership of the picture: draws into it and releases it. */
function drawAndEncode(picture: Mat, faces: readonly Face[], quality: number): Buffer {
  for (const face of faces) drawFace(picture, face);
  const jpeg = encodeJpeg(picture, quality);
  picture.release();
  return jpeg;
}

const white = new cv.Vec3(255, 255, 255);
const ink = new cv.Vec3(40, 28, 20);

function drawFace(picture: Mat, { box, label, probabilities }: Face): void {
  // Lines and text scale with the picture, so that they look the same on any screen.
  const unit = picture.rows / 480;
  const thickness = Math.max(1, Math.round(2 * unit));
  const fontScale = 0.6 * unit;
  const probability = probabilities[label];
  const text = probability === undefined ? label : `${label} ${Math.round(probability * 100)}%`;
  const textHeight = Math.round(22 * unit);
  const textWidth = Math.round(text.length * 11.5 * unit);
  const x = Math.round(box.x);
  const y = Math.round(box.y);
  const below = Math.round(box.y + box.height);
  const labelTop = y - textHeight >= 0 ? y - textHeight : below;
  const labelLeft = Math.max(0, Math.min(x, picture.cols - textWidth));
  const corner = (px: number, py: number) => new cv.Point2(px, py);
  picture.drawRectangle(corner(x, y), corner(Math.round(box.x + box.width), below), white, thickness);
  picture.drawRectangle(corner(labelLeft, labelTop), corner(labelLeft + textWidth, labelTop + textHeight), white, -1);
  picture.putText(
    text,
    corner(labelLeft + Math.round(4 * unit), labelTop + Math.round(16 * unit)),
    cv.FONT_HERSHEY_SIMPLEX,
    fontScale,
    ink,
    thickness === 1 ? 1 : thickness - 1,
    cv.LINE_AA,
  );
}

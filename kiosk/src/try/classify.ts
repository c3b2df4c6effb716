import { ApiProblem, ask } from '../api/client.ts';
import { formatUnit } from '../language/units.ts';
import { texts } from './messages/texts.ts';

/** One face that was found; the box is in pixels of the upright picture. */
export interface FoundFace {
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly score: number;
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

export interface Found {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FoundFace[];
  /** How long the device took. */
  readonly ms: number;
}

const types = ['image/jpeg', 'image/png', 'image/webp', 'image/bmp'];
const mostBytes = 10_000_000;

/** Of all that browsers can open, what the device takes; phones turn their own formats into one of these. */
export const accepted = types.join();

/**
 * Has the device look at a picture. What it would refuse anyway is not sent.
 *
 * @throws ApiProblem that says what is wrong with the picture
 */
export async function classify(picture: Blob, signal: AbortSignal): Promise<Found> {
  if (!types.includes(picture.type)) {
    throw new ApiProblem(415, { detail: texts.wrongType(picture.type || texts.unknownType) });
  }
  if (picture.size > mostBytes) {
    throw new ApiProblem(413, { detail: texts.tooLarge(formatUnit(picture.size / 1e6, 'megabyte', 1)) });
  }
  const found = await ask<Found>('/classify', { method: 'POST', body: picture, signal });
  const centre = ({ box }: FoundFace) => box.x + box.width / 2;
  return { ...found, faces: [...found.faces].sort((one, other) => centre(one) - centre(other)) };
}

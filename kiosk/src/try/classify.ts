import type { z } from 'zod';
import type { classifiedSchema } from '../../../device/http/schemas/classify.ts';
import { ApiProblem, ask } from '../api/client.ts';
import { formatUnit } from '../language/units.ts';
import { texts } from './messages/texts.ts';

/** What the device found; boxes are in pixels of the upright picture. */
export type Found = z.output<typeof classifiedSchema>;
export type FoundFace = Found['faces'][number];

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

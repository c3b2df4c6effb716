import type { z } from 'zod';
import type { UploadOutcome } from '../../../device/http/routes/classify.ts';
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
 * @throws ApiProblem that says in the page's language what is wrong
 */
export async function classify(picture: Blob, signal: AbortSignal): Promise<Found> {
  if (!types.includes(picture.type)) {
    throw new ApiProblem(415, { detail: texts.wrongType(picture.type || texts.unknownType) });
  }
  if (picture.size > mostBytes) {
    throw new ApiProblem(413, { detail: tooLarge(picture) });
  }
  const found = await ask<Found>('/classify', { method: 'POST', body: picture, signal }).catch((fault: unknown) => {
    throw fault instanceof ApiProblem ? inWords(fault, picture) : fault;
  });
  const centre = ({ box }: FoundFace) => box.x + box.width / 2;
  return { ...found, faces: [...found.faces].sort((one, other) => centre(one) - centre(other)) };
}

/** What the device refuses a picture for. */
type Refusal = Extract<UploadOutcome, { refusal: object }>['refusal']['kind'];

const byStatus: Readonly<Record<number, string>> = {
  0: texts.noAnswer,
  401: texts.loginNeeded,
  403: texts.loginNeeded,
  408: texts.refused.busy,
  415: texts.refused.type,
  429: texts.refused.busy,
  503: texts.refused.busy,
};

/** The device's own words are English, and for its operator. */
function inWords({ status, code, title }: ApiProblem, picture: Blob): ApiProblem {
  const known = code !== undefined && Object.hasOwn(texts.refused, code) ? texts.refused[code as Refusal] : undefined;
  const detail = known ?? (status === 413 ? tooLarge(picture) : byStatus[status]) ?? texts.refused.unknown;
  return new ApiProblem(status, { title, detail });
}

function tooLarge({ size }: Blob): string {
  return texts.tooLarge(formatUnit(size / 1e6, 'megabyte', 1));
}

import type { z } from 'zod';
import type { classifiedSchema } from '../../../device/contract/classify.ts';
import type { UploadOutcome } from '../../../device/http/routes/classify.ts';
import { ApiProblem, requestApi } from '../api/client.ts';
import { formatUnit } from '../language/units.ts';
import { texts } from './messages/texts.ts';

/** The result of the device; boxes are in pixels of the upright picture. */
export type Found = z.output<typeof classifiedSchema>;
export type FoundFace = Found['faces'][number];

const types = ['image/jpeg', 'image/png', 'image/webp', 'image/bmp'];
const maxBytes = 10_000_000;

/** Formats that the device accepts. Phones convert their own formats to one of these. */
export const accepted = types.join();

/**
 * Sends a picture to the device for analysis. A picture that the device would refuse is not sent.
 *
 * @throws ApiProblem with a text in the page's language
 */
export async function classify(picture: Blob, signal: AbortSignal): Promise<Found> {
  if (!types.includes(picture.type)) {
    throw new ApiProblem(415, { detail: texts.wrongType(picture.type || texts.unknownType) });
  }
  if (picture.size > maxBytes) {
    throw new ApiProblem(413, { detail: tooLarge(picture) });
  }
  const found = await requestApi<Found>('/classify', { method: 'POST', body: picture, signal }).catch(
    (fault: unknown) => {
      throw fault instanceof ApiProblem ? inWords(fault, picture) : fault;
    },
  );
  const centre = ({ box }: FoundFace) => box.x + box.width / 2;
  return { ...found, faces: [...found.faces].sort((one, other) => centre(one) - centre(other)) };
}

/** Reasons for which the device refuses a picture. */
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

/** Text for a refusal. The device's own words are English, and for its operator. */
function inWords({ status, code, title }: ApiProblem, picture: Blob): ApiProblem {
  const known = code !== undefined && Object.hasOwn(texts.refused, code) ? texts.refused[code as Refusal] : undefined;
  const detail = known ?? (status === 413 ? tooLarge(picture) : byStatus[status]) ?? texts.refused.unknown;
  return new ApiProblem(status, { title, detail });
}

function tooLarge({ size }: Blob): string {
  return texts.tooLarge(formatUnit(size / 1e6, 'megabyte', 1));
}

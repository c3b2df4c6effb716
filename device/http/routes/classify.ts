import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { classifiedSchema } from '../../contract/classify.ts';
import { isPictureType, pictureTypes } from '../../core/picture-types.ts';
import type { Face } from '../../core/types.ts';
import { sendJson } from '../answers/json.ts';
import { type Problem, ProblemError } from '../answers/problem.ts';
import type { Bodies, Body } from '../bodies/bodies.ts';
import { fileOfForm } from '../bodies/form.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, problems } from './route.ts';

const maxBytes = 10_000_000;
/** Allowance for the boundaries and headers of a form, in bytes. */
const formBytes = 16_384;
const binary = { schema: { type: 'string', format: 'binary' } as const };

export type UploadOutcome =
  | {
      readonly result: {
        readonly width: number;
        readonly height: number;
        readonly faces: readonly Omit<Face, 'track' | 'landmarks'>[];
        readonly ms: number;
      };
    }
  | {
      readonly refusal: {
        /** `type`, `size`, `damaged` and `slow` concern the picture, `busy` and `unavailable` the device. */
        readonly kind: 'type' | 'size' | 'damaged' | 'slow' | 'busy' | 'unavailable';
        readonly detail: string;
        readonly remedy?: string;
      };
    };

export interface PictureClassifier {
  /** Finds faces in an uploaded picture. Never rejects. */
  readonly classify: (bytes: Buffer) => Promise<UploadOutcome>;
}

export interface ClassifyNeeds {
  readonly bodies: Bodies;
  readonly uploads: PictureClassifier;
}

/** Classification of an uploaded picture. */
export const classifyRoutes: RouteGroup<ClassifyNeeds> = (app, { bodies, uploads }) => {
  const { middleware, ...shared } = groupOf('Try it', 'viewer');
  app.openapi(
    createRoute({
      ...shared,
      method: 'post',
      path: '/api/v1/classify',
      operationId: 'classifyPicture',
      summary: 'Faces and apparent expressions in a picture',
      description: `One JPEG, PNG, WebP or BMP of at most ${maxBytes / 1e6} MB and 40 megapixels, as the body or as the field \`image\` of a form. A separate process decodes it within a deadline. The picture is not stored.`,
      middleware,
      request: {
        query: queryOf({}),
        body: {
          required: true,
          content: {
            ...Object.fromEntries(pictureTypes.map((type) => [type, binary])),
            'multipart/form-data': {
              schema: {
                type: 'object',
                properties: { image: { type: 'string', format: 'binary' } },
                required: ['image'],
              } as const,
            },
          },
        },
      },
      responses: {
        200: jsonAnswer(classifiedSchema, 'The faces in the picture'),
        ...problems(400, 408, 413, 415, 422, 503),
      },
    }),
    async (c) => {
      const isForm = isFormOf(c);
      const body = bodies.open(c, isForm ? maxBytes + formBytes : maxBytes);
      try {
        const bytes = isForm ? await pictureOfForm(c, body) : await body.bytes();
        const outcome = await uploads.classify(bytes);
        if ('refusal' in outcome) throw new ProblemError(problemOf(outcome.refusal));
        return sendJson(c, classifiedSchema, outcome.result);
      } finally {
        body.release();
      }
    },
  );
};

/** Whether the body is a form that holds the picture, and not the picture itself. */
function isFormOf(c: Context): boolean {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'no content type';
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw wrongType(`the content encoding ${encoding}`);
  if (type === 'multipart/form-data') return true;
  if (isPictureType(type)) return false;
  throw wrongType(type);
}

function pictureOfForm(c: Context, body: Body): Promise<Buffer> {
  const type = c.req.header('content-type')!;
  return fileOfForm(body.chunks(), { type, name: 'image', capacity: body.capacity, maxBytes });
}

function wrongType(got: string): ProblemError {
  return new ProblemError({
    status: 415,
    title: 'Unsupported media type',
    detail: `Expected ${pictureTypes.join(', ')} or multipart/form-data, got ${got.slice(0, 80)}`,
    remedy: 'Send the picture uncompressed as the body with its own Content-Type, or as the field "image" of a form.',
  });
}

const answers = {
  type: { status: 415, title: 'Unsupported media type' },
  size: { status: 422, title: 'Picture of the wrong size' },
  damaged: { status: 422, title: 'Damaged picture' },
  slow: { status: 422, title: 'Picture takes too long' },
  busy: { status: 503, title: 'Busy', headers: { 'Retry-After': '2' } },
  unavailable: { status: 503, title: 'Not available' },
} as const;

function problemOf({ kind, detail, remedy }: Extract<UploadOutcome, { refusal: object }>['refusal']): Problem {
  return { ...answers[kind], code: kind, detail, ...(remedy !== undefined && { remedy }) };
}

import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isPictureType, pictureTypes } from '../../camera/upload.ts';
import type { UploadOutcome } from '../operations.ts';
import { type Problem, ProblemError } from '../problem.ts';
import { groupOf, jsonAnswer, neverStored, problems, tooLarge } from '../route.ts';
import { classifiedSchema } from '../schemas/classify.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';

const mostBytes = 10_000_000;
/** Boundaries and headers of a form. */
const formBytes = 16_384;
const binary = { schema: { type: 'string', format: 'binary' } as const };

/** A picture that somebody hands in. */
export const classifyRoutes: RouteGroup = (app, { deps: { operations } }) => {
  const { middleware, ...shared } = groupOf('Try it', 'viewer');
  app.openapi(
    createRoute({
      ...shared,
      method: 'post',
      path: '/api/v1/classify',
      summary: 'Faces and apparent expressions in a picture',
      description: `One JPEG, PNG, WebP or BMP of at most ${mostBytes / 1e6} MB and 40 megapixels: as the body, or as the field \`image\` of a form. It is decoded in a process of its own, with a deadline, and kept nowhere.`,
      middleware: [middleware, bodyLimit({ maxSize: mostBytes + formBytes, onError: tooLarge(mostBytes) })],
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
      responses: { 200: jsonAnswer(classifiedSchema, 'What is in it'), ...problems(400, 413, 415, 422, 503) },
    }),
    async (c) => {
      const bytes = await pictureOf(c);
      if (bytes.length > mostBytes) throw tooMany(bytes.length);
      const outcome = await operations.classify(bytes);
      if ('refusal' in outcome) throw new ProblemError(problemOf(outcome.refusal));
      return c.json(outcome.result, 200, neverStored);
    },
  );
};

/** The bytes of the picture, whichever way it came. */
async function pictureOf(c: Context): Promise<Buffer> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'no type';
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw wrongType(`a body that is packed as ${encoding}`);
  if (type === 'multipart/form-data') return pictureOfForm(c);
  if (!isPictureType(type)) throw wrongType(type);
  return Buffer.from(await c.req.arrayBuffer());
}

async function pictureOfForm(c: Context): Promise<Buffer> {
  let form: FormData;
  try {
    form = await c.req.formData();
  } catch {
    // Whatever the parser stumbled over, the sender can do one thing about it.
    throw new ProblemError({ status: 400, title: 'Bad form', detail: 'The body is no whole multipart/form-data' });
  }
  const images = form.getAll('image');
  const [image] = images;
  if (images.length === 1 && image instanceof File) return Buffer.from(await image.arrayBuffer());
  throw new ProblemError({
    status: 422,
    title: 'Bad value',
    detail: 'The form holds no picture',
    errors: [{ path: 'image', value: describe(images), expected: 'one file' }],
  });
}

function describe(images: readonly unknown[]): string | undefined {
  if (images.length > 1) return `${images.length} values`;
  return typeof images[0] === 'string' ? images[0].slice(0, 80) : undefined;
}

function wrongType(got: string): ProblemError {
  return new ProblemError({
    status: 415,
    title: 'Unsupported media type',
    detail: `Expected ${pictureTypes.join(', ')} or multipart/form-data, got ${got.slice(0, 80)}`,
  });
}

function tooMany(bytes: number): ProblemError {
  const detail = `Expected at most ${mostBytes} bytes, got ${bytes}`;
  return new ProblemError({ status: 413, title: 'Body too large', detail, remedy: 'Make the picture smaller.' });
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
  return { ...answers[kind], detail, ...(remedy !== undefined && { remedy }) };
}

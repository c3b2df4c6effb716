import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ProblemError } from '../answers/problem.ts';
import { collect, tooLarge } from './bodies.ts';

/** Parsed at once: a part costs some microseconds, and that many bytes hold a few hundred of the shortest ones. */
const sliceBytes = 4096;
/** A picture, and at most one field beside it. */
const maxParts = 2;
const maxHeaderBytes = 4096;

/**
 * The file of the field `name`, out of a form that is parsed as it comes.
 *
 * @param capacity most bytes of the whole form
 * @param maxBytes most bytes of the file
 * @throws ProblemError 400 for what is no form, 413, 422 where the form does not hold just this file
 */
export async function fileOfForm(
  chunks: AsyncIterable<Uint8Array>,
  { type, name, capacity, maxBytes }: { type: string; name: string; capacity: number; maxBytes: number },
): Promise<Buffer> {
  const form = openForm(type, maxBytes);
  let found: Promise<Buffer> | undefined;
  let text: string | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    form.on('finish', () => resolve());
    form.on('error', () => reject(badForm()));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      form.on(limit, () => reject(noFile(name, `more than ${maxParts} parts or one file`)));
    }
    form.on('field', (field, value) => {
      if (field === name) text = value;
    });
    form.on('file', (field, file) => {
      file.on('limit', () => reject(tooLarge(maxBytes)));
      // Of one that is cut short, the form itself tells.
      file.on('error', () => undefined);
      if (field === name) {
        found = collect(file, capacity);
        found.catch(() => undefined);
      } else file.resume();
    });
  });
  ended.catch(() => undefined);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += sliceBytes) {
      const written = new Promise<void>((resolve) => {
        form.write(Buffer.from(chunk.subarray(at, at + sliceBytes)), () => resolve());
      });
      await Promise.race([written, ended]);
    }
  }
  form.end();
  await ended;
  if (!found) throw noFile(name, text?.slice(0, 80));
  return found;
}

function openForm(type: string, maxBytes: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: {
        parts: maxParts,
        files: 1,
        fields: 1,
        fieldNameSize: 100,
        fieldSize: 1024,
        fileSize: maxBytes,
        headerPairs: 20,
        headerSize: maxHeaderBytes,
      },
    });
  } catch {
    // It has no boundary.
    throw badForm();
  }
}

/** Whatever the parser stumbled over, the sender can do one thing about it. */
function badForm(): ProblemError {
  return new ProblemError({ status: 400, title: 'Bad form', detail: 'The body is no whole multipart/form-data' });
}

function noFile(name: string, got: string | undefined): ProblemError {
  return new ProblemError({
    status: 422,
    title: 'Bad value',
    detail: 'The form holds no picture',
    errors: [{ path: name, value: got, expected: 'one file' }],
  });
}

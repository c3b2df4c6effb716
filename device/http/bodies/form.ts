import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ProblemError } from '../answers/problem.ts';
import { collect, tooLarge } from './bodies.ts';

/** Bytes parsed at once. A part takes some microseconds, and a slice holds at most a few hundred of the shortest parts. */
const sliceBytes = 4096;
/** A picture and at most one more field. */
const maxParts = 2;
const maxHeaderBytes = 4096;

/**
 * Parses a form as it arrives and returns the file of the field `name`.
 *
 * @param capacity maximum bytes of the whole form
 * @param maxBytes maximum bytes of the file
 * @throws ProblemError 400 for a malformed form, 413 for a file that is too large, 422 if the form holds not just this file
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
      // The form itself reports a truncated file.
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
    // The content type has no boundary.
    throw badForm();
  }
}

/** One error for all parser faults: the remedy is the same. */
function badForm(): ProblemError {
  return new ProblemError({
    status: 400,
    title: 'Bad form',
    detail: 'The body is not a complete multipart/form-data form',
  });
}

function noFile(name: string, got: string | undefined): ProblemError {
  return new ProblemError({
    status: 422,
    title: 'Bad value',
    detail: 'The form holds no picture',
    errors: [{ path: name, value: got, expected: 'one file' }],
  });
}

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/**
 * The content of a regular file. Anything else, such as a pipe, would block the process.
 *
 * @throws Error that says what was expected, and what came
 */
export function readSmallFile(file: string, maxBytes: number): Buffer {
  // Opening a pipe blocks without O_NONBLOCK.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new Error('expected a regular file');
    if (found.size > maxBytes) throw new Error(`expected at most ${maxBytes} bytes, got ${found.size}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

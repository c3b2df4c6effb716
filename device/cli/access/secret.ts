import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { exitCode, MienError } from '../../core/errors.ts';

/**
 * Reads a secret: typed without an echo, or the first line of standard input.
 *
 * @throws MienError (`noInput`) if there is no line
 */
export function readSecret(question: string): Promise<string> {
  const isTyped = process.stdin.isTTY === true;
  if (isTyped) process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: isTyped });
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    const end = () => {
      if (isTyped) process.stderr.write('\n');
      if (answer !== undefined) return resolve(answer);
      reject(
        new MienError('Expected a line with the password, got none', {
          code: exitCode.noInput,
          remedy: 'Type it, or pipe it in: printf \'%s\' "$PASSWORD" | mien access password',
        }),
      );
    };
    lines.once('close', end);
    lines.once('SIGINT', () => lines.close());
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
  });
}

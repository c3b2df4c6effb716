/**
 * The reading thread: owns a read-only connection to the log, and makes the answers that are large or take long to find.
 * Several answers take turns, a slice of about 20 ms each, so that a long search does not keep a short one waiting.
 */
import { statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, MienError } from '../../core/errors.ts';
import type { History } from '../../core/store.ts';
import { explainStoreFault, isDamage } from '../../sinks/sqlite/opening/fault.ts';
import { readStore } from '../../sinks/sqlite/sqlite.ts';
import { internalFault, type Problem, ProblemError } from '../answers/problem.ts';
import { answerRead } from './answer.ts';
import type { FromReader, ToReader } from './messages.ts';
import type { ReadPiece } from './query.ts';

const port = parentPort!;
const { file } = workerData as { file: string };
const encoder = new TextEncoder();
const answers = new Map<number, Generator<ReadPiece>>();
let store: { readonly history: History & { close(): void }; readonly inode: number } | undefined;
/** Counts the databases that were opened: an answer that has begun in one cannot go on in another. */
let opened = 0;

// On Linux a priority is that of one thread: the picture and the pages come first.
setPriority(0, 5);

port.on('message', (message: ToReader) => {
  const { id } = message;
  if (message.type === 'close') answers.delete(id);
  else if (message.type === 'next') step(id);
  else {
    // A generator runs nothing before its first step, which therefore also opens the database.
    answers.set(id, answerFrom(message));
    step(id);
  }
});

function* answerFrom({ query }: Extract<ToReader, { type: 'open' }>): Generator<ReadPiece> {
  const history = openStore();
  const mine = opened;
  for (const piece of answerRead(history, query)) {
    yield piece;
    if (mine !== opened || !store) throw new ProblemError(replaced);
  }
}

const replaced: Problem = {
  status: 503,
  title: 'Not available',
  detail: 'The database was closed or replaced while it was read',
  remedy: 'Ask again.',
  headers: { 'Retry-After': '2' },
};

/** Goes on until there is a piece to send, one slice per turn of the event loop. */
function step(id: number): void {
  const answer = answers.get(id);
  if (!answer) return;
  try {
    const { value, done } = answer.next();
    if (done) {
      answers.delete(id);
      send({ id, type: 'end' });
    } else if (value === undefined) setImmediate(step, id);
    else if (typeof value === 'string') sendPiece(id, value);
    else send({ id, type: 'head', tag: value.tag });
  } catch (error) {
    answers.delete(id);
    send({ id, ...faultOf(error) });
  }
}

/** A database that was set aside, or that a fault has closed, is opened anew by the next answer. */
function openStore(): History {
  const inode = statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
  if (store?.inode === inode) return store.history;
  closeStore();
  store = { history: readStore(file), inode };
  opened += 1;
  return store.history;
}

function closeStore(): void {
  store?.history.close();
  store = undefined;
}

function sendPiece(id: number, text: string): void {
  const bytes = encoder.encode(text);
  port.postMessage({ id, type: 'piece', bytes } satisfies FromReader, [bytes.buffer]);
}

function send(message: FromReader): void {
  port.postMessage(message);
}

function faultOf(error: unknown): Omit<Extract<FromReader, { type: 'fault' }>, 'id'> {
  if (error instanceof ProblemError) return { type: 'fault', problem: error.problem };
  const isOfStore =
    error instanceof MienError || isDamage(error) || (error instanceof Error && error.name === 'SqliteError');
  if (isOfStore) {
    const { message, remedy } = explainStoreFault(error, file);
    const inode = store?.inode ?? statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
    const damage = isDamage(error) ? { inode, message: describeError(causeOf(error)) } : undefined;
    closeStore();
    return { type: 'fault', problem: { status: 503, title: 'Not available', detail: message, remedy }, damage };
  }
  const stack = (error instanceof Error && error.stack) || describeError(error);
  return { type: 'fault', problem: internalFault, stack };
}

function causeOf(error: unknown): unknown {
  return error instanceof MienError ? (error.cause ?? error) : error;
}

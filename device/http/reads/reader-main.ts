/**
 * The reading thread: owns a read-only connection to the log and makes large or slow answers. Answers take turns in slices of
 * about 20 ms, so that a short answer does not wait for a long search.
 */
import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadPlans } from '../../contract/reads.ts';
import { describeError, MienError } from '../../core/errors.ts';
import { lowerPriority } from '../../core/lower-priority.ts';
import { explainStoreFault, isDamage } from '../../sinks/sqlite/opening/fault.ts';
import { readStore, type StoredLog } from '../../sinks/sqlite/sqlite.ts';
import { internalFault, type Problem, ProblemError } from '../answers/problem.ts';
import { type Answerer, prepareAnswer } from './answer.ts';
import type { FromReader, ToReader } from './messages.ts';
import type { ReadPiece } from './query.ts';

const port = parentPort!;
const { file, plans } = workerData as { file: string; plans: ReadPlans };
const encoder = new TextEncoder();
/** The answers in progress; undefined while one is prepared. */
const answers = new Map<number, Generator<ReadPiece> | undefined>();
let store: { readonly history: StoredLog; readonly inode: number } | undefined;
/** Counts the opened databases: an answer that began in one database cannot continue in another. */
let opened = 0;

// On Linux the priority applies to this thread only: live picture and pages take precedence.
lowerPriority(5);

port.on('message', (message: ToReader) => {
  const { id } = message;
  if (message.type === 'close') answers.delete(id);
  else if (message.type === 'next') step(id);
  else {
    answers.set(id, undefined);
    void open(message);
  }
});

async function open({ id, query }: Extract<ToReader, { type: 'open' }>): Promise<void> {
  try {
    const answerer = await prepareAnswer(query, plans);
    // The client may have left meanwhile.
    if (!answers.has(id)) return;
    // The first step of the generator opens the database.
    answers.set(id, answerFrom(answerer));
    step(id);
  } catch (error) {
    answers.delete(id);
    send({ id, ...faultOf(error) });
  }
}

function* answerFrom(answerer: Answerer): Generator<ReadPiece> {
  const history = openStore();
  const ownDatabase = opened;
  for (const piece of answerer(history)) {
    yield piece;
    if (ownDatabase !== opened || !store) throw new ProblemError(replaced);
  }
}

const replaced: Problem = {
  status: 503,
  title: 'Not available',
  detail: 'The database was closed or replaced during the read',
  remedy: 'Send the request again.',
  headers: { 'Retry-After': '2' },
};

/** Runs one slice per turn of the event loop, until there is a piece to send. */
function step(id: number): void {
  const answer = answers.get(id);
  if (!answer) return;
  try {
    const { value, done } = answer.next();
    if (done) {
      answers.delete(id);
      send({ id, type: 'end' });
    } else if (value === undefined) setImmediate(step, id);
    else if (typeof value === 'string') sendPiece(id, encoder.encode(value));
    else if (value instanceof Uint8Array) sendPiece(id, value);
    else send({ id, type: 'head', tag: value.tag });
  } catch (error) {
    answers.delete(id);
    send({ id, ...faultOf(error) });
  }
}

/** The next answer opens the database again after it was replaced, or closed by a fault. */
function openStore(): StoredLog {
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

function sendPiece(id: number, bytes: Uint8Array<ArrayBuffer>): void {
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

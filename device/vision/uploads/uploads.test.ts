import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { goodPicture } from '../../lab/fixtures/hostile-pictures.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { visionSettings } from '../messages.ts';
import { forkWorker } from '../supervise/child.ts';
import { Patience } from '../supervise/patience.ts';
import { Uploads } from './uploads.ts';

vi.mock('../supervise/child.ts', { spy: true });

const scratch = scratchFolder();
const running: Uploads[] = [];
afterEach(async () => {
  for (const uploads of running.splice(0)) await uploads.stop();
});
let children = 0;

/** Uploads with a process that runs this script. */
function uploadsTo(script: string, deadlineMs = 10_000, idleMs = 60_000, patience = new Patience()) {
  const entry = join(scratch, `upload-${children++}.mjs`);
  writeFileSync(entry, script);
  const log = heardLog();
  const settings = () => visionSettings(configSchema.parse({}), '/models');
  const uploads = new Uploads({ settings, log, entry, deadlineMs, idleMs, patience });
  running.push(uploads);
  return { uploads, log };
}

const picture = goodPicture('.jpg');
const answering = `
let asked = 0;
process.on('message', ({ type, bytes }) => {
  if (type === 'start') return process.send({ type: 'ready' });
  asked += 1;
  process.send({ type: 'classified', result: { width: asked, height: process.pid, faces: [], ms: 0 } });
});
process.on('disconnect', () => process.exit());
`;

test('one process handles the pictures one after the other', async () => {
  const { uploads } = uploadsTo(answering);
  const outcomes = await Promise.all([1, 2, 3].map(() => uploads.classify(picture)));
  const results = outcomes.map((outcome) => ('result' in outcome ? outcome.result : undefined));
  expect(results.map((result) => result?.width)).toEqual([1, 2, 3]);
  expect(new Set(results.map((result) => result?.height)).size).toBe(1);
});

test('a large picture arrives whole, in parts', async () => {
  const { uploads } = uploadsTo(`
import { createHash } from 'node:crypto';
const picture = createHash('sha256');
let parts = 0;
process.on('message', ({ type, bytes }) => {
  if (type === 'start') return process.send({ type: 'ready' });
  picture.update(bytes);
  parts += 1;
  if (type === 'part') return;
  process.send({ type: 'classified', result: { width: parts, height: picture.digest().readUInt32BE(), faces: [], ms: 0 } });
});`);
  const large = Buffer.concat([picture, Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * 7919) % 251))]);
  const width = Math.ceil(large.length / (256 * 1024));
  const height = createHash('sha256').update(large).digest().readUInt32BE();
  expect(await uploads.classify(large)).toMatchObject({ result: { width, height } });
});

test('a process that hangs or ends while a large picture is sent is given up', async () => {
  const large = Buffer.concat([picture, Buffer.alloc(9_000_000)]);
  const hanging = `${answering}
process.prependListener('message', ({ type }) => { if (type === 'part') for (;;); });`;
  expect(await uploadsTo(hanging, 300).uploads.classify(large)).toMatchObject({ refusal: { kind: 'slow' } });
  const ending = `${answering}
process.prependListener('message', ({ type }) => { if (type === 'part') process.kill(process.pid, 'SIGKILL'); });`;
  expect(await uploadsTo(ending).uploads.classify(large)).toMatchObject({ refusal: { kind: 'damaged' } });
});

test('a start that takes too long is refused, and the next one gets more time', async () => {
  const slowStart = answering.replace(
    "return process.send({ type: 'ready' })",
    'return setTimeout(() => process.send({ type: "ready" }), 800)',
  );
  const limits = { loading: [50, 20_000], opening: [1], measuring: [1] };
  const { uploads } = uploadsTo(slowStart, 10_000, 60_000, new Patience(limits));
  expect(await uploads.classify(picture)).toEqual({
    refusal: {
      kind: 'unavailable',
      detail: 'The upload process was not ready within 0.05 s',
      remedy: 'Send the picture again: the next start gets more time.',
    },
  });
  expect(await uploads.classify(picture)).toMatchObject({ result: { width: 1 } });
});

test('a picture that hangs the process is refused, and a new process handles the next one', async () => {
  const { uploads, log } = uploadsTo(
    `${answering}
process.prependListener('message', ({ bytes }) => { if (bytes?.at(-1) === 7) for (;;); });`,
    300,
  );
  const hanging = Buffer.concat([picture, Buffer.from([7])]);
  const [slow, next] = await Promise.all([uploads.classify(hanging), uploads.classify(picture)]);
  expect(slow).toMatchObject({ refusal: { kind: 'slow', detail: 'The picture could not be classified within 0.3 s' } });
  expect(next).toMatchObject({ result: { width: 1 } });
  expect(log.lines.map(({ text }) => text)).toContain('An uploaded picture took longer than 0.3 s and was given up');
});

test('a picture that crashes the process is refused, and the next one is handled', async () => {
  const { uploads } = uploadsTo(
    `${answering}
process.prependListener('message', ({ bytes }) => { if (bytes?.at(-1) === 9) process.kill(process.pid, 'SIGSEGV'); });`,
  );
  const crashing = Buffer.concat([picture, Buffer.from([9])]);
  expect(await uploads.classify(crashing)).toMatchObject({ refusal: { kind: 'damaged' } });
  expect(await uploads.classify(picture)).toMatchObject({ result: { width: 1 } });
});

test('a process that cannot start gives the reason and is started again', async () => {
  const { uploads } = uploadsTo(`
process.on('message', () => { process.send({ type: 'fatal', message: 'Model missing: x', remedy: 'Restore it' }); });`);
  const refusal = { refusal: { kind: 'unavailable', detail: 'Model missing: x', remedy: 'Restore it' } };
  expect(await uploads.classify(picture)).toEqual(refusal);
  expect(await uploads.classify(picture)).toEqual(refusal);
});

test('without memory for a process the picture is refused with the reason, and the next starts one', async () => {
  const { uploads } = uploadsTo(answering);
  // Like fork without memory for another process.
  vi.mocked(forkWorker).mockImplementationOnce(() => {
    throw new Error('spawn ENOMEM');
  });
  expect(await uploads.classify(picture)).toEqual({ refusal: { kind: 'unavailable', detail: 'spawn ENOMEM' } });
  expect(await uploads.classify(picture)).toMatchObject({ result: { width: 1 } });
});

test('too many requests are refused; data that is not a picture starts no process', async () => {
  const { uploads } = uploadsTo('throw new Error("never to be started");');
  expect(await uploads.classify(Buffer.from('text'))).toMatchObject({
    refusal: { kind: 'type', detail: 'Expected one JPEG, PNG, WebP or BMP picture, got text' },
  });
  const { uploads: busy } = uploadsTo(answering);
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => busy.classify(picture)));
  expect(outcomes.filter((outcome) => 'refusal' in outcome && outcome.refusal.kind === 'busy')).toHaveLength(4);
});

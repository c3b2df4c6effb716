import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { makeFace, makeReading } from '../lab/fixtures/http-fixture.ts';
import { frameHeadSchema } from './live.ts';
import { messages } from './messages.ts';
import { projectionOf, toOutside } from './outside.ts';
import { asWritten, planOf } from './plan.ts';
import { readingSchema } from './reading.ts';

const address = 'rtsp://admin:s3cret@10.0.0.2/live?pw=s3cret';
const third = 1 / 3;

test('a reading leaves without its landmarks and without keys that no schema names', () => {
  const point = { x: 1, y: 2 };
  const landmarks = { eyeLeft: point, eyeRight: point, nose: point, mouthLeft: point, mouthRight: point };
  const face = { ...makeFace('happy'), landmarks, gaze: 'left', box: { x: 1, y: 2, width: 3, height: 4, angle: 5 } };
  const reading = { ...makeReading(7, { faces: [face] }), source: address };
  const outside = toOutside(frameHeadSchema, { type: 'frame', reading });
  expect(outside).toEqual({ type: 'frame', reading: readingSchema.parse(reading) });
  expect(JSON.stringify(outside)).not.toMatch(/landmarks|gaze|angle|s3cret/);
});

const all = z.object({
  text: z.string().optional(),
  list: z.array(z.object({ text: z.string(), number: z.number().nullable() })).readonly(),
  record: z.record(z.string(), z.object({ number: z.number() })),
  named: z.partialRecord(z.enum(['a', 'b']), z.number()),
  either: z.union([z.string(), z.number()]),
  choice: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('one'), one: z.number() }),
    z.object({ kind: z.literal('two'), two: z.number() }),
  ]),
  loose: z.looseObject({ number: z.number() }),
  any: z.unknown(),
  kept: z.string().default('').nullable(),
});

test('keys that no schema names are dropped at any depth; texts are masked and numbers rounded', () => {
  const extra = { secret: 's3cret' };
  const value = {
    ...extra,
    list: [
      { ...extra, text: address, number: third },
      { ...extra, text: 'plain', number: null },
    ],
    record: { x: { ...extra, number: third } },
    named: { a: third, c: 1 },
    either: address,
    choice: { kind: 'two' as const, two: third, one: 1 },
    loose: { number: third, other: { text: address, number: third } },
    any: [address, { number: third }],
    kept: null,
  };
  const shown = 'rtsp://***@10.0.0.2/live?***';
  expect(toOutside(all, value)).toEqual({
    list: [
      { text: shown, number: 0.3333 },
      { text: 'plain', number: null },
    ],
    record: { x: { number: 0.3333 } },
    named: { a: 0.3333 },
    either: shown,
    choice: { kind: 'two', two: 0.3333 },
    loose: { number: 0.3333, other: { text: shown, number: 0.3333 } },
    any: [shown, { number: 0.3333 }],
    kept: null,
  });
});

test('the result equals the result of parsing with zod', () => {
  const value = {
    list: [{ text: 'a', number: 1, more: 2 }],
    record: { x: { number: 1, more: 2 } },
    named: { b: 0.5 },
    either: 1,
    choice: { kind: 'one' as const, one: 1, two: 2 },
    loose: { number: 1, more: 'kept' },
    any: { more: [1, 'text', null] },
    kept: 'x',
    more: 3,
  };
  expect(toOutside(all, value)).toEqual(all.parse(value));
});

test('an object where the schema has a plain value is dropped', () => {
  const project = projectionOf(planOf(z.object({ text: z.string(), list: z.array(z.string()) })));
  expect(JSON.stringify(project({ text: { secret: 1 }, list: { secret: 1 } }))).toBe('{}');
});

test('a part that is marked as written keeps its texts and numbers, and still drops keys', () => {
  const schema = z.object({ kept: asWritten(z.object({ text: z.string(), number: z.number() })), text: z.string() });
  const kept = { text: address, number: third };
  expect(toOutside(schema, { kept: { ...kept, ...{ more: 1 } }, text: address })).toEqual({
    kept,
    text: 'rtsp://***@10.0.0.2/live?***',
  });
});

test('a plan is plain data: it works after it was sent to a thread', () => {
  const plan = structuredClone(planOf(readingSchema));
  const reading = makeReading(1, { faces: [makeFace('happy')] });
  expect(projectionOf(plan)(reading)).toEqual(toOutside(readingSchema, reading));
});

test('each message has a plan and a unique name', () => {
  for (const { schema } of messages) expect(projectionOf(planOf(schema))).toBeTypeOf('function');
  expect(new Set(messages.map(({ name }) => name)).size).toBe(messages.length);
});

test('a union of objects needs a discriminator', () => {
  const union = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);
  expect(() => planOf(union)).toThrow('use z.discriminatedUnion');
});

import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import type { DeviceState } from '../core/state.ts';
import type { Face } from '../core/types.ts';
import { faceSchema, type OutsideFace } from './reading.ts';
import { exactly, type SameShape } from './same-shape.ts';
import { deviceStateSchema } from './state.ts';

/** The compiler is the test: `npm run typecheck` fails if an expected error is missing. */

interface Part {
  readonly id: string;
  readonly inner: { readonly size?: number; readonly names: readonly string[] };
}

const inner = { size: z.number().optional(), names: z.array(z.string()) };

test('a schema that names each key passes; `readonly` makes no difference', () => {
  const schema = z.object({ id: z.string(), inner: z.object(inner) });
  expect(exactly<Part>()(schema)).toBe(schema);
});

test('a key that only the type or only the schema has is a compiler error, also a nested optional one', () => {
  // @ts-expect-error the schema lacks `id`
  exactly<Part>()(z.object({ inner: z.object(inner) }));
  // @ts-expect-error the schema lacks `inner.size`
  exactly<Part>()(z.object({ id: z.string(), inner: z.object({ names: inner.names }) }));
  // @ts-expect-error the type lacks `inner.more`
  exactly<Part>()(z.object({ id: z.string(), inner: z.object({ ...inner, more: z.string().optional() }) }));
  // @ts-expect-error `inner.size` must be optional
  exactly<Part>()(z.object({ id: z.string(), inner: z.object({ ...inner, size: z.number() }) }));
  // @ts-expect-error `id` has another type
  exactly<Part>()(z.object({ id: z.number(), inner: z.object(inner) }));
});

test('an optional field that is added to a core type breaks its schema', () => {
  // @ts-expect-error no schema names `gaze`
  exactly<OutsideFace & { readonly gaze?: string }>()(faceSchema);
  // @ts-expect-error no schema names `camera.serial`
  exactly<DeviceState & { readonly camera: { readonly serial?: string } }>()(deviceStateSchema);
  const isFace: SameShape<Face, z.output<typeof faceSchema>> = false;
  expect(isFace, 'landmarks do not leave the process').toBe(false);
});

import type { z } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { toOutside, type ValueOf } from '../../contract/outside.ts';
import { problemSchema } from '../../contract/problem.ts';
import { asCalled } from '../../core/command.ts';
import type { Problem } from './problem.ts';

/** Answers describe people at this moment, so no cache may store them. */
const neverStored = { 'Cache-Control': 'no-store' };

type Sent<Schema extends z.ZodType, Status extends ContentfulStatusCode> = Response &
  TypedResponse<JSONParsed<z.output<Schema>>, Status, 'json'>;

/**
 * A JSON answer, as the schema describes it. Routes answer with this and never with `c.json`, which drops no keys; the
 * compiler compares the schema with the one that the route declares.
 */
export function sendJson<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  value: ValueOf<Schema>,
): Sent<Schema, 200>;
export function sendJson<Schema extends z.ZodType, Status extends ContentfulStatusCode>(
  c: Context,
  schema: Schema,
  value: ValueOf<Schema>,
  status: Status,
): Sent<Schema, Status>;
export function sendJson<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  value: ValueOf<Schema>,
  status: ContentfulStatusCode = 200,
): Response {
  return c.json(toOutside(schema, value) as object, status, neverStored);
}

/** A problem instead of the answer that was asked for. */
export function problem(c: Context, { headers, ...body }: Problem): Response {
  const said = {
    type: 'about:blank',
    ...body,
    ...(body.detail !== undefined && { detail: asCalled(body.detail) }),
    ...(body.remedy !== undefined && { remedy: asCalled(body.remedy) }),
  };
  return c.body(JSON.stringify(toOutside(problemSchema, said)), body.status, {
    'Content-Type': 'application/problem+json',
    ...neverStored,
    ...headers,
  });
}

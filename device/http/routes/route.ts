import type { z } from '@hono/zod-openapi';
import { problemSchema } from '../../contract/problem.ts';
import { type Role, requireRole } from '../auth/auth.ts';

/** Parts of route descriptions that most of them share. */

const meanings = {
  400: 'The query, or the form of the body, is not understood',
  401: 'Nobody has signed in, and the route needs somebody',
  403: 'Not for this role, or through a name that is not this device',
  404: 'There is no such thing',
  408: 'The body did not come in time',
  409: 'Not in the state that the device is in',
  413: 'The body is too large',
  415: 'The body has another type than those described',
  422: 'A value is not one of those allowed; `errors` names each',
  426: 'The client must ask for a WebSocket',
  429: 'Too many requests',
  500: 'A fault inside the device',
  503: 'Not at the moment; `detail` says what is waited for',
} as const;

type ProblemStatus = keyof typeof meanings;
type ProblemContent = { 'application/problem+json': { schema: typeof problemSchema } };
type ProblemAnswers<Status extends ProblemStatus> = Record<Status, { description: string; content: ProblemContent }>;

/** The problems that a route may answer with, beside those that every route may. */
export function problems<Status extends ProblemStatus = never>(...statuses: Status[]) {
  const all = [...new Set([...statuses, 401, 403, 429, 500] as const)];
  const answer = (status: ProblemStatus) => ({
    description: meanings[status],
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  return Object.fromEntries(all.map((status) => [status, answer(status)])) as ProblemAnswers<
    Status | 401 | 403 | 429 | 500
  >;
}

export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

export const jpegAnswer = {
  description: 'JPEG',
  content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } as const } },
};

/** What all routes of a group share. */
export function groupOf(tag: string, role: Role) {
  return { tags: [tag], middleware: requireRole(role), security: securityOf(role) };
}

/** A viewer on the device itself needs neither. */
export function securityOf(role: Role): Record<string, string[]>[] {
  const known: Record<string, string[]>[] = [{ bearer: [] }, { basic: [] }, { session: [] }];
  return role === 'viewer' ? [{}, ...known] : known;
}

/** The same as JSON and, on request, as a table. */
export function csvAnswer<Schema extends z.ZodType>(schema: Schema) {
  return { 'application/json': { schema }, 'text/csv': { schema: { type: 'string' } as const } };
}

export const notModified = { 304: { description: 'What the client has (If-None-Match) still holds' } };

/** Answers that tell of this moment. */
export const neverStored = { 'Cache-Control': 'no-store' };

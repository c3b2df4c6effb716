import type { z } from '@hono/zod-openapi';
import { problemSchema } from '../../contract/problem.ts';
import { type Role, requireRole } from '../auth/auth.ts';

/** Parts that most route descriptions share. */

const meanings = {
  400: 'The query or the syntax of the body is invalid',
  401: 'The route requires authentication',
  403: 'The role is not sufficient, or the host or origin is not allowed',
  404: 'Not found',
  408: 'The body was not received in time',
  409: 'Not possible in the present state of the device',
  413: 'The body is too large',
  415: 'The content type of the body is not supported',
  422: 'A value is not allowed; `errors` lists each one',
  426: 'The client must request a WebSocket upgrade',
  429: 'Too many requests',
  500: 'Internal error of the device',
  503: 'Temporarily unavailable; `detail` says why',
} as const;

type ProblemStatus = keyof typeof meanings;
type ProblemContent = { 'application/problem+json': { schema: typeof problemSchema } };
type ProblemAnswers<Status extends ProblemStatus> = Record<Status, { description: string; content: ProblemContent }>;

/** The problems of a route: the given ones and those that every route may answer with. */
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

/** Tag, role check and security of all routes of a group. */
export function groupOf(tag: string, role: Role) {
  return { tags: [tag], middleware: requireRole(role), security: securityOf(role) };
}

/** Requests from the device itself have the role viewer without a credential. */
export function securityOf(role: Role): Record<string, string[]>[] {
  const known: Record<string, string[]>[] = [{ bearer: [] }, { basic: [] }, { session: [] }];
  return role === 'viewer' ? [{}, ...known] : known;
}

/** Content of an answer that is JSON, or CSV on request. */
export function csvAnswer<Schema extends z.ZodType>(schema: Schema) {
  return { 'application/json': { schema }, 'text/csv': { schema: { type: 'string' } as const } };
}

export const notModified = { 304: { description: 'The copy of the client (If-None-Match) is up to date' } };

/** For answers that are valid only at this moment. */
export const neverStored = { 'Cache-Control': 'no-store' };

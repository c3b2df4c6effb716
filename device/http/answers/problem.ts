import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { asCalled } from '../../core/command.ts';
import { forOutside } from '../device-view.ts';
import type { ProblemBody } from '../schemas/problem.ts';

/** An error answer in the format of RFC 9457 (application/problem+json). */
export interface Problem extends Omit<ProblemBody, 'type' | 'status'> {
  readonly status: ContentfulStatusCode;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A handler throws this; the app turns it into the answer. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export function problem(c: Context, { headers, ...body }: Problem): Response {
  const shown = {
    ...body,
    ...(body.detail !== undefined && { detail: asCalled(body.detail) }),
    ...(body.remedy !== undefined && { remedy: asCalled(body.remedy) }),
  };
  return c.body(JSON.stringify(forOutside({ type: 'about:blank', ...shown })), body.status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...headers,
  });
}

/** Internal details of a fault go to the log only. */
export const internalFault: Problem = {
  status: 500,
  title: 'Internal fault',
  detail: 'The request failed inside the device',
  remedy: 'The log of the daemon says why.',
};

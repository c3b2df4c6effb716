import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ProblemBody } from '../../contract/problem.ts';

/** An answer that is not the one that was asked for, in the form of RFC 9457 (application/problem+json). */
export interface Problem extends Omit<ProblemBody, 'type' | 'status'> {
  readonly status: ContentfulStatusCode;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by a handler instead of an answer; the app makes the answer of it. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The inner life of a fault stays in the log. */
export const internalFault: Problem = {
  status: 500,
  title: 'Internal fault',
  detail: 'The request failed inside the device',
  remedy: 'The log of the daemon says why.',
};

import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ProblemBody } from '../../contract/problem.ts';

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

/** Internal details of a fault go to the log only. */
export const internalFault: Problem = {
  status: 500,
  title: 'Internal fault',
  detail: 'The request failed inside the device',
  remedy: 'The log of the daemon says why.',
};

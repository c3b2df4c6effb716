import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { withoutCredentials } from './device-view.ts';

/** One thing that is wrong with a request. */
export interface ProblemDetail {
  readonly path: string;
  readonly value: string | undefined;
  readonly expected: string;
}

/** An answer that is not the one that was asked for, in the form of RFC 9457 (application/problem+json). */
export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
  readonly errors?: readonly ProblemDetail[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function problem(c: Context, { headers, ...body }: Problem): Response {
  return c.body(JSON.stringify(withoutCredentials({ type: 'about:blank', ...body })), body.status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...headers,
  });
}

import type { Hook, OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Env, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { describeError, MienError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { briefFault, shorten } from '../../core/shorten.ts';
import { type Expectation, valueFaults } from '../../core/value-faults.ts';
import { problem } from './json.ts';
import { internalFault, ProblemError } from './problem.ts';

/**
 * Answers a request whose query or body does not match the schema of its route. The answer lists all errors at once.
 *
 * @param expectedOf the expected value where the route knows more than the issue, which covers one bound only
 */
// biome-ignore lint/suspicious/noExplicitAny: any data of any route
export function refuseInvalidAs(expectedOf: Expectation): Hook<any, Env, any, any> {
  return (result, c) => {
    if (result.success) return undefined;
    // The result holds the checked data, but its type omits it.
    const { data } = result as unknown as { data: unknown };
    const isBody = result.target === 'json' || result.target === 'form';
    return problem(c, {
      status: isBody ? 422 : 400,
      title: isBody ? 'Bad value' : 'Bad query',
      detail: isBody ? 'The body has values that are not allowed' : 'The query has values that are not allowed',
      errors: valueFaults(result.error.issues, data, expectedOf),
    });
  };
}

export const refuseInvalid = refuseInvalidAs(() => undefined);

/** Answers 404 for an unknown path, and 405 for a wrong method. */
export function refuseUnknown(app: OpenAPIHono): NotFoundHandler {
  return (c) => {
    const allowed = methodsAt(app, c.req.path);
    const { method } = c.req.raw;
    if (allowed.length === 0 || allowed.includes(method)) {
      return problem(c, { status: 404, title: 'Not found', detail: `There is nothing at ${shorten(c.req.path)}` });
    }
    return problem(c, {
      status: 405,
      title: 'Method not allowed',
      detail: `Expected ${allowed.filter((each) => each !== 'HEAD').join(' or ')}, got ${method}`,
      headers: { Allow: allowed.join(', ') },
    });
  };
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The methods of the routes at a path. Middleware is registered for every method and does not count. */
function methodsAt(app: OpenAPIHono, path: string): string[] {
  const allowed = methods.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  return allowed.includes('GET') ? ['GET', 'HEAD', ...allowed.slice(1)] : allowed;
}

/** Turns an exception of a handler into an answer. Internal details go to the log only. */
export function answerFault(log: Log): ErrorHandler {
  return (error, c) => {
    if (error instanceof ProblemError) return problem(c, error.problem);
    if (error instanceof MienError) return problem(c, ofMienError(error));
    if (error instanceof HTTPException && error.status < 500) return problem(c, ofHttpException(error, c));
    log.error(
      // Not `err`, which the log writes as one line, without the stack.
      { fault: briefFault(error) },
      `${c.req.method} ${shorten(c.req.path)} failed: ${shorten(describeError(error))}`,
    );
    return problem(c, internalFault);
  };
}

/** A part cannot serve now, e.g. a damaged database or a missing model. The answer holds the remedy. */
function ofMienError({ message, remedy }: MienError) {
  return { status: 503, title: 'Not available', detail: message, remedy } as const;
}

/** Hono's own validators throw these before a schema is checked. */
function ofHttpException({ status, message }: HTTPException, c: Context) {
  if (status === 415) {
    const type = c.req.header('content-type') ?? 'a body without Content-Type';
    return {
      status,
      title: 'Unsupported media type',
      detail: `${c.req.path} does not accept this type of body; got ${type}`,
      remedy: 'See /api/docs.',
    } as const;
  }
  return { status: status as 400, title: 'Bad request', detail: message };
}

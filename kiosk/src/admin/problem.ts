import { ApiProblem } from '../api/client.ts';

/** Turns any error into one that can be shown. An expired session leads to the login, which returns to this page. */
export function problemOf(fault: unknown): ApiProblem {
  const problem = fault instanceof ApiProblem ? fault : new ApiProblem(0, { detail: String(fault) });
  if (problem.status === 401) location.assign(`login?next=${encodeURIComponent(location.pathname)}`);
  return problem;
}

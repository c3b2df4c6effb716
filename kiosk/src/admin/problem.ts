import { ApiProblem } from '../api/client.ts';

/** A fault of whatever kind as one that can be shown. A session that has ended leads to the login, and back from there. */
export function problemOf(fault: unknown): ApiProblem {
  const problem = fault instanceof ApiProblem ? fault : new ApiProblem(0, { detail: String(fault) });
  if (problem.status === 401) location.assign(`login?next=${encodeURIComponent(location.pathname)}`);
  return problem;
}

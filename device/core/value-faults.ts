import type { z } from 'zod';
import { expectationOf } from './expectation.ts';
import { shorten } from './shorten.ts';

/** Limits the faults of one answer; a client can send thousands. */
const maxFaults = 20;

/** A value that a schema refuses. */
export interface ValueFault {
  /** `camera.fps`; empty for the whole value. */
  readonly path: string;
  /** The value as text, shortened. Absent if there is none. */
  readonly value?: string;
  readonly expected: string;
}

/** The expected value at a path; `undefined` to derive it from the issue. */
export type Expectation = (path: string, issue: z.core.$ZodIssue) => string | undefined;

/** The faults that a schema has found in untrusted data, at most 20. */
export function valueFaults(issues: readonly z.core.$ZodIssue[], data: unknown, expectedOf: Expectation): ValueFault[] {
  return issues
    .slice(0, maxFaults)
    .flatMap((issue) => faultsOf(issue, data, expectedOf))
    .slice(0, maxFaults);
}

function faultsOf(issue: z.core.$ZodIssue, data: unknown, expectedOf: Expectation): ValueFault[] {
  const paths =
    issue.code === 'unrecognized_keys'
      ? issue.keys.slice(0, maxFaults).map((key) => [...issue.path, key])
      : [issue.path];
  return paths.map((keys) => {
    const path = keys.join('.');
    const value = show(data, keys);
    const expected = expectedOf(path, issue) ?? expectationOf(issue);
    return { path: shorten(path), ...(value !== undefined && { value }), expected };
  });
}

function show(data: unknown, path: readonly PropertyKey[]): string | undefined {
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], data);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text && text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

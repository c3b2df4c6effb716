import type { z } from 'zod';

/**
 * Describes the expected value from a schema issue: `a whole number of at most 1000`. It replaces Zod's own messages ("Too big:
 * expected int to be <=1000"), which are for developers. It keeps messages that our schemas define.
 */
export function expectationOf(issue: z.core.$ZodIssue): string {
  if (!isOfZod(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return nameOf(issue.expected);
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return bounded(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return bounded(issue.origin, 'at most', Number(issue.maximum));
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'no such field';
    default:
      return 'another form; see the documentation';
  }
}

const ownBeginnings = /^(Invalid|Too (big|small)|Unrecognized key)/;

function isOfZod(message: string): boolean {
  return ownBeginnings.test(message);
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  file: 'a file',
};

function nameOf(type: string): string {
  return names[type] ?? type;
}

function bounded(origin: string, bound: string, value: number): string {
  if (origin === 'string') return `text of ${bound} ${value} characters`;
  if (origin === 'array') return `a list of ${bound} ${value} entries`;
  return `${nameOf(origin)} of ${bound} ${value}`;
}

import type { z } from '@hono/zod-openapi';
import { suggest } from '../../../config/suggest.ts';
import {
  maxCommandBytes,
  type RequestName,
  requests,
  type SettableName,
  settables,
} from '../../../contract/mqtt/commands.ts';
import { exitCode, MienError } from '../../../core/errors.ts';
import { shorten } from '../../../core/shorten.ts';
import { valueFaults } from '../../../core/value-faults.ts';

/** Where the schemas of all commands are. */
const schemas = 'The schema is in /api/v1/asyncapi.json';

/** A command with values that its schema has accepted. */
export type Command =
  | {
      [Name in RequestName]: { readonly topic: `request/${Name}`; readonly body: z.output<Requests[Name]['schema']> };
    }[RequestName]
  | {
      [Name in SettableName]: { readonly topic: `set/${Name}`; readonly body: z.output<Settables[Name]['schema']> };
    }[SettableName];
type Requests = typeof requests;
type Settables = typeof settables;

const known: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ...Object.entries(requests).map(([name, { schema }]) => [`request/${name}`, schema] as const),
  ...Object.entries(settables).map(([name, { schema }]) => [`set/${name}`, schema] as const),
]);

export function isKnown(topic: string): boolean {
  return known.has(topic);
}

/** Name of the command, for its response: `ping` for `request/ping`, `unknown` for one that does not exist. */
export function responseName(topic: string): string {
  return isKnown(topic) ? topic.slice(topic.indexOf('/') + 1) : 'unknown';
}

/**
 * The value in a payload: the object of a request, the text of a `set/...`. No schema has seen it.
 *
 * @throws MienError
 */
export function readPayload(topic: string, payload: Uint8Array): unknown {
  if (!isKnown(topic)) throw unknownCommand(topic);
  if (payload.length > maxCommandBytes) {
    throw refused(`Expected a payload of at most ${maxCommandBytes} bytes, got ${payload.length}`, schemas);
  }
  const text = textOf(payload);
  if (topic.startsWith('request/')) return objectOf(text);
  // Only here, because the name of a profile may consist of digits.
  return topic === 'set/rate' ? numberOrText(text) : text;
}

/** @throws MienError with each value that the schema of the command refuses */
export function checkCommand(topic: string, value: unknown): Command {
  const { data, error } = known.get(topic)!.safeParse(value);
  if (!error) return { topic, body: data } as Command;
  const faults = valueFaults(error.issues, value, () => undefined).map(
    ({ path, value: got, expected }) =>
      `${path === '' ? '' : `${path}: `}expected ${expected}, got ${got || 'nothing'}`,
  );
  throw refused(`${topic}: ${faults.join('; ')}`.replaceAll(/\s+/g, ' '), schemas);
}

export function refused(message: string, remedy: string): MienError {
  return new MienError(message, { code: exitCode.usage, remedy });
}

/** The transaction in a payload that may be invalid otherwise. */
export function transactionOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'transaction')) return undefined;
  const { transaction } = value as { readonly transaction: unknown };
  return typeof transaction === 'string' && transaction.length <= 128 ? transaction : undefined;
}

function unknownCommand(topic: string): MienError {
  const near = suggest(topic, known.keys());
  const remedy = near === undefined ? `Send one of ${[...known.keys()].join(', ')}` : `Did you mean ${near}?`;
  return refused(`There is no command ${JSON.stringify(shorten(topic))}`, remedy);
}

function textOf(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    throw refused(`Expected text in UTF-8, got ${payload.length} other bytes`, schemas);
  }
}

/** `12.5` as a number; any other text as it is. */
function numberOrText(text: string): unknown {
  return /^\d{1,10}(\.\d{1,10})?$/.test(text) ? Number(text) : text;
}

function objectOf(text: string): object {
  const value = parsed(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const got = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  throw refused(`Expected a JSON object such as {"transaction":"1"}, got ${JSON.stringify(got)}`, schemas);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller names what it got instead.
    return undefined;
  }
}

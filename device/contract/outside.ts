import type { z } from 'zod';
import { fourDecimals, roundedNumbers } from '../core/decimals.ts';
import { maskAll, maskUrls } from '../core/mask.ts';
import { type Plan, planOf } from './plan.ts';

/** The same type with `readonly` at any depth. */
type ReadOnly<T> = T extends readonly (infer Item)[]
  ? readonly ReadOnly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadOnly<T[Key]> }
    : T;

/** A value that a schema describes. It may hold further keys; `toOutside` drops them. */
export type ValueOf<Schema extends z.core.$ZodType> = ReadOnly<z.output<Schema>>;

/**
 * Prepares a value to leave the process. Keeps only the keys that the schema names, masks passwords in the addresses of
 * cameras and brokers, and rounds numbers to four decimals. Each value that leaves the process passes here.
 */
export function toOutside<Schema extends z.core.$ZodType>(schema: Schema, value: ValueOf<Schema>): z.output<Schema> {
  return projectionOf(planOf(schema))(value) as z.output<Schema>;
}

type Projection = (value: unknown) => unknown;

const projections = new WeakMap<Plan, Projection>();

/** `toOutside` for a plan from another thread. Cached per plan, because rows and readings use it thousands of times. */
export function projectionOf(plan: Plan): Projection {
  const known = projections.get(plan);
  if (known) return known;
  const made = makeProjection(plan);
  projections.set(plan, made);
  return made;
}

function makeProjection(plan: Plan): Projection {
  switch (plan.kind) {
    case 'leaf':
      return projectLeaf;
    case 'any':
      return (value) => (value === undefined ? undefined : roundedNumbers(maskAll(value, maskUrls)));
    case 'written':
      return (value) => value;
    case 'list':
      return listProjection(projectionOf(plan.item));
    case 'record':
      return recordProjection(projectionOf(plan.value), plan.keys);
    case 'object':
      return objectProjection(plan);
    case 'choice':
      return choiceProjection(plan);
  }
}

/** An object or array where the schema has a plain value is dropped. */
function projectLeaf(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value.includes('://') ? maskUrls(value) : value;
    case 'number':
      return fourDecimals(value);
    case 'boolean':
      return value;
    default:
      return value === null ? null : undefined;
  }
}

function listProjection(item: Projection): Projection {
  return (value) => (Array.isArray(value) ? value.map(item) : projectLeaf(value));
}

function recordProjection(project: Projection, keys: readonly string[] | undefined): Projection {
  const allowed = keys && new Set(keys);
  return (value) => {
    if (!isObject(value)) return projectLeaf(value);
    const projected: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (key === '__proto__' || (allowed && !allowed.has(key))) continue;
      const part = project(value[key]);
      if (part !== undefined) projected[key] = part;
    }
    return projected;
  };
}

function objectProjection({ keys, others }: Extract<Plan, { kind: 'object' }>): Projection {
  const parts = Object.entries(keys).map(([key, part]) => ({ key, project: projectionOf(part) }));
  const rest = others && projectionOf(others);
  return (value) => {
    if (!isObject(value)) return projectLeaf(value);
    const projected: Record<string, unknown> = {};
    for (const { key, project } of parts) {
      const part = value[key];
      if (part !== undefined) projected[key] = project(part);
    }
    if (!rest) return projected;
    const unnamed = Object.entries(value).filter(([key]) => !Object.hasOwn(keys, key));
    return { ...projected, ...Object.fromEntries(unnamed.map(([key, part]) => [key, rest(part)])) };
  };
}

function choiceProjection({ key, cases }: Extract<Plan, { kind: 'choice' }>): Projection {
  const projects = new Map(Object.entries(cases).map(([name, part]) => [name, projectionOf(part)]));
  return (value) => (isObject(value) ? projects.get(String(value[key]))?.(value) : projectLeaf(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

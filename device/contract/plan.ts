import type { z } from 'zod';

/**
 * What a schema lets out, as plain data. It is made once per schema and can be sent to a thread that does not load zod.
 *
 * - `leaf`: a text (masked), a number (rounded), a boolean or null
 * - `any`: a value of any form; its texts are masked and its numbers rounded
 * - `written`: the value as it is
 */
export type Plan =
  | { readonly kind: 'leaf' | 'any' | 'written' }
  | { readonly kind: 'object'; readonly keys: Readonly<Record<string, Plan>>; readonly others?: Plan }
  | { readonly kind: 'record'; readonly value: Plan; readonly keys?: readonly string[] }
  | { readonly kind: 'list'; readonly item: Plan }
  | { readonly kind: 'choice'; readonly key: string; readonly cases: Readonly<Record<string, Plan>> };

const written = new WeakSet<z.core.$ZodType>();

/**
 * Marks a schema whose texts and numbers leave unchanged: settings that a page edits, a model card. Secrets must be masked
 * before. Keys that the schema does not name are still dropped.
 */
export function asWritten<Schema extends z.core.$ZodType>(schema: Schema): Schema {
  written.add(schema);
  return schema;
}

const plans = new WeakMap<z.core.$ZodType, Plan>();

/** @throws Error for an unsupported kind of schema, and for a union of objects without a discriminator */
export function planOf(schema: z.core.$ZodType): Plan {
  const known = plans.get(schema);
  if (known) return known;
  const plan = makePlan(schema, false);
  plans.set(schema, plan);
  return plan;
}

const leaves = new Set(['string', 'number', 'int', 'boolean', 'null', 'literal', 'enum']);

function makePlan(schema: z.core.$ZodType, isInWritten: boolean): Plan {
  const isWritten = isInWritten || written.has(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const planPart = (part: z.core.$ZodType) => makePlan(part, isWritten);
  if (leaves.has(def.type)) return { kind: isWritten ? 'written' : 'leaf' };
  switch (def.type) {
    case 'any':
    case 'unknown':
      return { kind: isWritten ? 'written' : 'any' };
    case 'optional':
    case 'nonoptional':
    case 'nullable':
    case 'readonly':
    case 'default':
    case 'prefault':
      return planPart(def.innerType);
    case 'array':
      return { kind: 'list', item: planPart(def.element) };
    case 'record':
      return { kind: 'record', value: planPart(def.valueType), keys: namesOf(def.keyType) };
    case 'object':
      return { kind: 'object', keys: mapValues(def.shape, planPart), others: othersOf(def.catchall, planPart) };
    case 'union':
      return planUnion(def, planPart);
    default:
      throw new Error(
        `Expected a supported kind of schema, got "${def.type}": use another kind, or add this one to makePlan`,
      );
  }
}

/** `z.strictObject` has `never` for other keys, `z.looseObject` has `unknown`. */
function othersOf(catchall: z.core.$ZodType | undefined, plan: (part: z.core.$ZodType) => Plan): Plan | undefined {
  return catchall === undefined || catchall._zod.def.type === 'never' ? undefined : plan(catchall);
}

function namesOf(keyType: z.core.$ZodType): readonly string[] | undefined {
  const { def } = (keyType as z.core.$ZodTypes)._zod;
  return def.type === 'enum' ? Object.values(def.entries).map(String) : undefined;
}

function planUnion(
  def: z.core.$ZodUnionDef | z.core.$ZodDiscriminatedUnionDef,
  plan: (part: z.core.$ZodType) => Plan,
): Plan {
  const options = def.options.map(plan);
  const [first] = options;
  if (first && options.every(({ kind }) => kind === first.kind && (kind === 'leaf' || kind === 'written')))
    return first;
  if (!('discriminator' in def))
    throw new Error('Expected a discriminator for a union of objects, got z.union: use z.discriminatedUnion');
  const { discriminator } = def;
  const named = def.options.flatMap((option, index) =>
    [...(option._zod.propValues?.[discriminator] ?? [])].map((value) => [String(value), options[index]!] as const),
  );
  return { kind: 'choice', key: discriminator, cases: Object.fromEntries(named) };
}

function mapValues<In, Out>(values: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

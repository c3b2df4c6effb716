import type { Unit } from '../../../../device/config/settings.ts';

/** The part of JSON Schema that the settings use. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly unit?: Unit;
}

export type Value = string | number | boolean;

/** A setting that can be changed, in the shape that the form needs. */
export interface Field {
  /** Path in the configuration: `camera.fps`. */
  readonly path: string;
  readonly kind: 'switch' | 'choice' | 'number' | 'text';
  /** English description, from the device. */
  readonly description: string;
  readonly options: readonly string[];
  readonly isInteger: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly multipleOf: number | undefined;
  readonly maxLetters: number | undefined;
  readonly unit: Unit | undefined;
}

/** The leaves of the schema, in its order. */
export function fieldsOf(schema: JsonSchema, path = ''): readonly Field[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([key, part]) => fieldsOf(part, path ? `${path}.${key}` : key));
  }
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  return [
    {
      path,
      kind: schema.enum ? 'choice' : schema.type === 'boolean' ? 'switch' : isNumber ? 'number' : 'text',
      description: schema.description ?? '',
      options: (schema.enum ?? []).map(String),
      isInteger: schema.type === 'integer',
      min: schema.minimum,
      max: schema.maximum,
      multipleOf: schema.multipleOf,
      maxLetters: schema.maxLength,
      unit: schema.unit,
    },
  ];
}

/** Flattens nested settings to values by path. */
export function flatten(nested: unknown, path = ''): Readonly<Record<string, Value>> {
  if (isValue(nested)) return { [path]: nested };
  if (typeof nested !== 'object' || nested === null) return {};
  const parts = Object.entries(nested).map(([key, part]) => flatten(part, path ? `${path}.${key}` : key));
  return Object.assign({}, ...parts) as Record<string, Value>;
}

/** Nests values by path. */
export function nest(flat: Readonly<Record<string, Value>>): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(flat)) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let part = nested;
    for (const key of keys) {
      part[key] ??= {};
      part = part[key] as Record<string, unknown>;
    }
    part[last] = value;
  }
  return nested;
}

/**
 * Converts typed text to a value. Text that is not a number stays text, for the device to refuse.
 *
 * @param point decimal separator of the page's language
 */
export function asTyped({ kind }: Pick<Field, 'kind'>, typed: Value, point = '.'): Value {
  if (kind !== 'number' || typeof typed !== 'string') return typed;
  const plain = typed.trim().replace(point, '.');
  return plain !== '' && Number.isFinite(Number(plain)) ? Number(plain) : typed;
}

/** A value as text of its field. */
export function asText(value: Value, point = '.'): string {
  return typeof value === 'number' ? String(value).replace('.', point) : String(value);
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

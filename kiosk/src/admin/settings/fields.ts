/** The part of JSON Schema that the settings use. */
export interface JsonSchema {
  readonly type?: string | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly description?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly multipleOf?: number | undefined;
  readonly maxLength?: number | undefined;
}

export type Value = string | number | boolean;

/** One setting that can be changed, as the form needs it. */
export interface Field {
  /** As in the configuration: `camera.fps`. */
  readonly path: string;
  readonly kind: 'switch' | 'choice' | 'number' | 'text';
  readonly description: string;
  readonly options: readonly string[];
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly mostLetters: number | undefined;
}

/** Every leaf of the schema, in its order. */
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
      least: schema.minimum,
      most: schema.maximum,
      mostLetters: schema.maxLength,
    },
  ];
}

/** Settings by their whole path, from nested ones. */
export function flatten(nested: unknown, path = ''): Readonly<Record<string, Value>> {
  if (isValue(nested)) return { [path]: nested };
  if (typeof nested !== 'object' || nested === null) return {};
  const parts = Object.entries(nested).map(([key, part]) => flatten(part, path ? `${path}.${key}` : key));
  return Object.assign({}, ...parts) as Record<string, Value>;
}

/** The other way round. */
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

/** What somebody typed, as a value. What is no number stays text: the device judges it, and says what it expected. */
export function asTyped({ kind }: Field, text: string): Value {
  const isNumber = kind === 'number' && text.trim() !== '' && Number.isFinite(Number(text));
  return isNumber ? Number(text) : text;
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

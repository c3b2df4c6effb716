/** The part of JSON Schema that the document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** A type in a few words: `integer 1 to 10000`. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1)!;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (several) return several.map(typeOf).join(schema.allOf ? ' & ' : ' | ');
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  if (schema.items) return `${typeOf(schema.items)}[]`;
  const { minimum, maximum, type = 'any' } = schema;
  const bounds = minimum === undefined && maximum === undefined ? '' : ` ${minimum ?? 'any'} to ${maximum ?? 'any'}`;
  const [first, ...others] = [type].flat();
  return [`${first}${bounds}`, ...others].join(' | ');
}

/** A schema as an outline: one field a line, nested fields indented, `?` after optional ones. */
export function outlineOf(schema: JsonSchema, indent = ''): string {
  if (!schema.properties) return `${indent}${typeOf(schema)}${comment(schema)}\n`;
  const { required = [] } = schema;
  return Object.entries(schema.properties)
    .map(([name, field]) => {
      const head = `${indent}${name}${required.includes(name) ? '' : '?'}: `;
      const inner = field.items?.properties ? field.items : field;
      if (!inner.properties) return `${head}${typeOf(field)}${comment(field)}\n`;
      return `${head}${field.items ? 'object[]' : typeOf(field)}${comment(field)}\n${outlineOf(inner, `${indent}  `)}`;
    })
    .join('');
}

function comment({ description }: JsonSchema): string {
  return description === undefined ? '' : `  # ${description.replaceAll('\n', ' ')}`;
}

import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One leaf of the configuration, as the schema describes it. */
export interface Setting {
  /** `camera.jpegQuality` */
  readonly path: string;
  /** `MIEN_CAMERA_JPEG_QUALITY` */
  readonly variable: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  readonly default: unknown;
  /** What a value must be, in words: `a whole number from 160 to 3840`. */
  readonly expected: string;
  /** Set where a value need not be given and has no default. */
  readonly optional: boolean;
  readonly secret: boolean;
  /** A path, which may begin with `~/`. */
  readonly isPath: boolean;
  readonly description: string;
  /** Bounds of a number; the length of a text; what may be chosen from. Each only where there is one. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly options?: readonly string[];
  readonly unit?: Unit;
}

/** What a number counts, as the schema names it, and in words. */
export const units = {
  pixels: 'pixels',
  framesPerSecond: 'frames per second',
  milliseconds: 'ms',
  minutes: 'minutes',
  hours: 'hours',
  days: 'days',
  megabytes: 'MB',
  celsius: 'degrees Celsius',
  degrees: 'degrees',
} as const;

export type Unit = keyof typeof units;

/** The part of JSON Schema that zod writes for this configuration. */
interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly unit?: Unit;
  readonly secret?: boolean;
  readonly isPath?: boolean;
}

/** Variables that begin with MIEN_ and are not part of the configuration. */
export const otherVariables: Readonly<Record<string, string>> = {
  MIEN_CONFIG: 'Path of the configuration file.',
  MIEN_MODELS_MIRROR: 'Folder or base URL that set-up and "mien models pull" take models from.',
};

/** All settings, in the order of the schema. */
export const settings: readonly Setting[] = collect(z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema, []);

const byPath = new Map(settings.map((setting) => [setting.path, setting]));
const byVariable = new Map(settings.map((setting) => [setting.variable, setting]));
const sections = new Set(settings.flatMap(({ path }) => ancestors(path)));

export function findSetting(path: string): Setting | undefined {
  return byPath.get(path);
}

export function findSettingOfVariable(variable: string): Setting | undefined {
  return byVariable.get(variable);
}

/** The value at a path: `camera.fps`; undefined where there is none. */
export function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], values);
}

/** Whether settings lie below this path: `camera`. */
export function isSection(path: string): boolean {
  return path === '' || sections.has(path);
}

/** `camera.jpegQuality` is `MIEN_CAMERA_JPEG_QUALITY`. */
function variableOf(path: string): string {
  return `MIEN_${path
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

function ancestors(path: string): readonly string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

function collect(schema: JsonSchema, at: readonly string[]): readonly Setting[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([key, child]) => collect(child, [...at, key]));
  }
  const path = at.join('.');
  return [
    {
      path,
      variable: variableOf(path),
      type: (schema.type ?? 'string') as Setting['type'],
      default: schema.default,
      expected: expectationOf(schema),
      optional: schema.default === undefined,
      secret: schema.secret === true,
      isPath: schema.isPath === true,
      description: schema.description ?? '',
      ...constraintsOf(schema),
    },
  ];
}

function constraintsOf({ minimum, maximum, multipleOf, maxLength, enum: options, unit }: JsonSchema) {
  const all = { minimum, maximum, multipleOf, maxLength, options, unit };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<Setting>;
}

function expectationOf(schema: JsonSchema): string {
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  const { type, minimum, maximum, multipleOf, minLength = 0, maxLength, format, unit } = schema;
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return 'a list of texts';
  if (type === 'integer' || type === 'number') {
    const kind = type === 'integer' ? 'a whole number' : 'a number';
    const step = multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`;
    return `${kind} from ${minimum} to ${maximum}${unit ? ` ${units[unit]}` : ''}${step}`;
  }
  if (format === 'uri') return 'a URL';
  if (maxLength !== undefined) return `text of at most ${maxLength} characters`;
  return minLength > 0 ? 'text that is not empty' : 'text';
}

import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One leaf of the configuration, as the schema describes it. */
export interface Setting {
  /** `camera.jpegQuality` */
  readonly path: string;
  /** `MIEN_CAMERA_JPEG_QUALITY` */
  readonly variable: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly default: unknown;
  /** The valid values in words: `a whole number from 160 to 3840`. */
  readonly expected: string;
  /** True if the setting has no default and needs no value. */
  readonly optional: boolean;
  readonly secret: boolean;
  /** True if the value is a path, which may begin with `~/`. */
  readonly isPath: boolean;
  readonly description: string;
  /** Bounds of a number, maximum length of a text, options of a choice; each only if the schema has it. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly options?: readonly string[];
  readonly unit?: Unit;
}

/** Units of numbers: the name in the schema, and the words. */
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

/** The keywords of JSON Schema that zod uses for this configuration. */
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

/** Variables that begin with MIEN_ and are no settings. */
export const otherVariables: Readonly<Record<string, string>> = {
  MIEN_CONFIG: 'Path of the configuration file.',
  MIEN_MODELS_MIRROR: 'Folder or base URL from which set-up and "mien models pull" get models.',
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

/** The value at a path such as `camera.fps`; undefined if there is none. */
export function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], values);
}

/** Whether there are settings below this path: `camera`. */
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
  if (type === 'object') return 'an object';
  if (type === 'integer' || type === 'number') {
    const kind = type === 'integer' ? 'a whole number' : 'a number';
    const step = multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`;
    return `${kind} from ${minimum} to ${maximum}${unit ? ` ${units[unit]}` : ''}${step}`;
  }
  if (format === 'uri') return 'a URL';
  if (maxLength !== undefined) return `text of at most ${maxLength} characters`;
  return minLength > 0 ? 'text that is not empty' : 'text';
}

import { KindlingError, suggestion } from './errors.js';
import type { Issue, Result, StandardSchema } from './standardSchema.js';
import { tensor, Tensor } from './tensor.js';

/** One option: its type, and everything that validation, flags, documentation and forms need. */
export interface Field<T, Required extends boolean = false> {
  /** Only for the type checker. */
  readonly type: T;
  readonly required: Required;
  readonly kind: 'number' | 'integer' | 'boolean' | 'choice' | 'tuple' | 'tensor' | 'schedules' | 'code';
  readonly default: unknown;
  readonly description: string | undefined;
  /** The JSON Schema of a value; undefined where it cannot be written in a file. */
  readonly json: Record<string, unknown> | undefined;
  /** A message that says what is wrong, or undefined. */
  readonly problem: (value: unknown) => string | undefined;
  /** The value as the user's code sees it. */
  readonly convert?: (value: unknown) => unknown;
}

interface Described {
  readonly description?: string;
}
export interface NumberRange {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

function field<T>(f: Omit<Field<T>, 'type' | 'required'>): Field<T> {
  return f as Field<T>;
}

function numberProblem(range: NumberRange, integer: boolean): (value: unknown) => string | undefined {
  return (value) => {
    if (typeof value !== 'number' || Number.isNaN(value) || (integer && !Number.isInteger(value)))
      return `must be ${integer ? 'an integer' : 'a number'}`;
    const { minimum: a, maximum: b, exclusiveMinimum: c, exclusiveMaximum: d } = range;
    const inside = (a === undefined || value >= a) && (b === undefined || value <= b) && (c === undefined || value > c) && (d === undefined || value < d); // prettier-ignore
    if (inside) return undefined;
    const low = a !== undefined ? `at least ${a}` : c !== undefined ? `greater than ${c}` : '';
    const high = b !== undefined ? `at most ${b}` : d !== undefined ? `less than ${d}` : '';
    return `must be ${[low, high].filter(Boolean).join(' and ')}`;
  };
}
function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: NumberRange): NumberRange {
  return JSON.parse(JSON.stringify({ minimum, maximum, exclusiveMinimum, exclusiveMaximum })) as NumberRange;
}

export function number(o: Described & NumberRange & { readonly default: number }): Field<number> {
  return field({ kind: 'number', default: o.default, description: o.description, json: { type: 'number', ...rangeOf(o) }, problem: numberProblem(o, false) }); // prettier-ignore
}
export function integer(
  o: Described & { readonly default: number; readonly minimum?: number; readonly maximum?: number },
): Field<number> {
  return field({ kind: 'integer', default: o.default, description: o.description, json: { type: 'integer', ...rangeOf(o) }, problem: numberProblem(o, true) }); // prettier-ignore
}
export function boolean(o: Described & { readonly default: boolean }): Field<boolean> {
  return field({
    kind: 'boolean',
    default: o.default,
    description: o.description,
    json: { type: 'boolean' },
    problem: (v) => (typeof v === 'boolean' ? undefined : 'must be true or false'),
  });
}
export function choice<const V extends readonly string[]>(
  values: V,
  o: Described & { readonly default: V[number] },
): Field<V[number]> {
  return field({
    kind: 'choice',
    default: o.default,
    description: o.description,
    json: { type: 'string', enum: [...values] },
    problem: (v) =>
      values.includes(v as string) ? undefined : `must be one of ${values.map((x) => `'${x}'`).join(', ')}`,
  });
}
/** A fixed number of numbers, such as Adam's betas. */
export function tuple<const D extends readonly number[]>(
  o: Described & NumberRange & { readonly default: D },
): Field<{ readonly [K in keyof D]: number }> {
  const each = numberProblem(o, false);
  const count = o.default.length;
  return field({
    kind: 'tuple',
    default: o.default,
    description: o.description,
    json: { type: 'array', items: { type: 'number', ...rangeOf(o) }, minItems: count, maxItems: count },
    problem: (v) => {
      if (!Array.isArray(v) || v.length !== count) return `must be ${count} numbers`;
      const problem = v.map(each).find((p) => p !== undefined);
      return problem && `must be ${count} numbers, each of which ${problem}`;
    },
  });
}
/** Per-class or per-element numbers: an array in files and flags, a tensor also in code. The definition gets a tensor. */
export function tensorOption(
  o: Described & { readonly optional: true },
): Field<Tensor | readonly number[] | undefined> {
  return field({
    kind: 'tensor',
    default: undefined,
    description: o.description,
    json: { type: 'array', items: { type: 'number' } },
    problem: (v) =>
      v === undefined ||
      v instanceof Tensor ||
      ArrayBuffer.isView(v) ||
      (Array.isArray(v) && v.every((x) => typeof x === 'number'))
        ? undefined
        : 'must be an array of numbers or a tensor',
    convert: (v) => (v === undefined || v instanceof Tensor ? v : tensor(v as readonly number[], { dtype: 'float64' })),
  });
}
/** A function or object that only code can give. */
export function code<T>(o: Described & { readonly default: T }): Field<T> {
  return field({
    kind: 'code',
    default: o.default,
    description: o.description,
    json: undefined,
    problem: () => undefined,
  });
}

export type Fields = Record<string, Field<unknown, boolean>>;
export type Resolved<F extends Fields> = { [K in keyof F]: F[K]['type'] };
export type Given<F extends Fields> = { [K in keyof F]?: F[K]['type'] };

/** The options of a plugin: a Standard Schema and a Standard JSON Schema. */
export interface OptionsSchema<F extends Fields> extends StandardSchema<Given<F>, Resolved<F>> {
  readonly fields: F;
}

/** A schema of fields; the `required` ones have no default that makes sense. */
export function optionsSchema<F extends Fields>(
  fields: F,
  required: readonly (keyof F & string)[] = [],
): OptionsSchema<F> {
  const jsonSchema = (): Record<string, unknown> => ({
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      Object.entries(fields)
        .filter(([, f]) => f.json !== undefined)
        .map(([name, f]) => [
          name,
          {
            ...f.json,
            ...(f.default === undefined || required.includes(name) ? {} : { default: f.default }),
            ...(f.description === undefined ? {} : { description: f.description }),
          },
        ]),
    ),
  });
  return {
    fields,
    '~standard': {
      version: 1,
      vendor: 'kindling',
      validate: (value) => validate(fields, required, value),
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

function validate<F extends Fields>(fields: F, needed: readonly string[], value: unknown): Result<Resolved<F>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { issues: [{ message: `the options must be an object, got ${value === null ? 'null' : typeof value}` }] };
  const issues: Issue[] = [];
  for (const name of Object.keys(value))
    if (!Object.hasOwn(fields, name))
      issues.push({ message: `there is no option '${name}'${suggestion(name, Object.keys(fields))}`, path: [name] });
  const resolved: Record<string, unknown> = {};
  for (const name of needed)
    if ((value as Record<string, unknown>)[name] === undefined)
      issues.push({ message: `${name} must be given`, path: [name] });
  for (const [name, f] of Object.entries(fields)) {
    const given = (value as Record<string, unknown>)[name] ?? f.default;
    const problem = given === f.default ? undefined : f.problem(given);
    if (problem !== undefined) issues.push({ message: `${name} ${problem}, got ${show(given)}`, path: [name] });
    else resolved[name] = f.convert === undefined ? given : f.convert(given);
  }
  return issues.length > 0 ? { issues } : { value: resolved as Resolved<F> };
}

function show(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : (JSON.stringify(value) ?? String(value));
}

/** The options with defaults, or an error that names each problem. */
export function resolveOptions<F extends Fields>(
  operation: string,
  schema: OptionsSchema<F>,
  given: unknown,
): Resolved<F> {
  const result = schema['~standard'].validate(given ?? {});
  if (result instanceof Promise)
    throw new KindlingError(`${operation}: its options schema is asynchronous, which does not work here`);
  if (result.issues !== undefined)
    throw new KindlingError(`${operation}: ${result.issues.map((issue) => issue.message).join('; ')}`);
  return result.value;
}

import { KindlingError, nearest } from '@kindling/core';

/** A value as a configuration file holds it. */
export type SettingValue = string | number | boolean | readonly number[] | readonly string[];

/** One flag of a command, which is also one key of its configuration file. */
export interface Setting<T = SettingValue> {
  /** As on the command line, without dashes: `batch-size`. */
  readonly name: string;
  /** What help shows for the value, `<n>`; undefined: a switch. */
  readonly placeholder: string | undefined;
  readonly description: string;
  /** Shown in help and used where neither a flag nor the configuration says otherwise. */
  readonly default: T | undefined;
  /** Shown in help instead of the default. */
  readonly defaultText?: string | undefined;
  /** Other than from flags and files: never printed by --print-config. */
  readonly transient?: boolean;
  /** Text from the command line → what a file would hold. */
  readonly parse: (text: string) => unknown;
  /** The value, or an error that says what it must be. */
  readonly check: (value: unknown) => T;
}

/** A setting that always has a value. */
export type Defaulted<T> = Setting<T> & { readonly default: T };

export function withDefault<T>(setting: Setting<T>, value: T): Defaulted<T> {
  return { ...setting, default: value };
}

interface Described {
  readonly description: string;
  readonly defaultText?: string;
  readonly placeholder?: string;
  readonly transient?: boolean;
}

function wrong(what: string, value: unknown): never {
  const isList = Array.isArray(value) && value.every((x) => typeof x !== 'object');
  const shown = isList ? value.join(',') : value;
  throw new KindlingError(`must be ${what}, got ${typeof shown === 'string' ? `'${shown}'` : JSON.stringify(shown)}`);
}

function make<T>(
  name: string,
  placeholder: string | undefined,
  o: Described,
  parse: (text: string) => unknown,
  check: (value: unknown) => T,
): Setting<T> {
  const { description, defaultText, transient } = o;
  return {
    name,
    placeholder: o.placeholder ?? placeholder,
    description,
    default: undefined,
    ...(defaultText === undefined ? {} : { defaultText }),
    ...(transient === undefined ? {} : { transient }),
    parse,
    check,
  };
}

export function text(name: string, o: Described): Setting<string> {
  return make(name, '<text>', o, String, (v) => (typeof v === 'string' && v !== '' ? v : wrong('text', v)));
}

export function flag(name: string, o: Described): Setting<boolean> {
  return make(name, undefined, o, (t) => t === 'true', (v) => (typeof v === 'boolean' ? v : wrong('true or false', v))); // prettier-ignore
}

export function integer(name: string, o: Described & { minimum: number; maximum?: number }): Setting<number> {
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = o;
  const what = o.maximum === undefined ? `a whole number from ${minimum}` : `a whole number from ${minimum} to ${maximum}`; // prettier-ignore
  return make(name, '<n>', o, numeric, (v) =>
    typeof v === 'number' && Number.isInteger(v) && v >= minimum && v <= maximum ? v : wrong(what, v),
  );
}

export function number(
  name: string,
  o: Described & { minimum?: number; below?: number; above?: number; what: string },
): Setting<number> {
  const { minimum = -Infinity, above = -Infinity, below = Infinity, what } = o;
  return make(name, '<x>', o, numeric, (v) =>
    typeof v === 'number' && v >= minimum && v > above && v < below ? v : wrong(what, v),
  );
}

export function oneOf<const V extends readonly string[]>(
  name: string,
  values: V,
  // `elsewhere`: how to have what none of them is
  o: Described & { readonly elsewhere?: string },
): Setting<V[number]> {
  const check = (v: unknown): V[number] => {
    if (values.includes(v as string)) return v as string;
    const near = typeof v === 'string' ? nearest(v, values) : undefined;
    const hint = near !== undefined ? `; did you mean '${near}'?` : o.elsewhere === undefined ? '' : `; ${o.elsewhere}`;
    const known = values.length === 1 ? `'${values[0]}'` : `one of ${values.join(', ')}`;
    throw new KindlingError(`must be ${known}, got '${String(v)}'${hint}`);
  };
  const short = values.length <= 3;
  const description = short ? o.description : `${o.description}: ${values.join(', ')}`;
  return make(name, short ? `<${values.join('|')}>` : '<name>', { ...o, description }, String, check);
}

export function words(name: string, o: Described): Setting<readonly string[]> {
  return make(name, '<a,b>', o, split, (v) => {
    const list = typeof v === 'string' ? split(v) : v;
    return Array.isArray(list) && list.length > 0 && list.every((x) => typeof x === 'string' && x !== '')
      ? (list as string[])
      : wrong('names, separated by commas', v);
  });
}

export function numbers(
  name: string,
  o: Described & { each: (x: number) => boolean; what: string; empty?: boolean },
): Setting<readonly number[]> {
  return make(name, '<n,n>', o, (t) => (t === '' ? [] : split(t).map(numeric)), (v) => {
    const list = typeof v === 'number' ? [v] : v;
    const fine = Array.isArray(list) && (list.length > 0 || o.empty === true) && list.every((x) => typeof x === 'number' && o.each(x)); // prettier-ignore
    return fine ? (list as number[]) : wrong(o.what, v);
  }); // prettier-ignore
}

/** A setting whose values need their own reading. */
export function custom<T>(
  name: string,
  o: Described & { placeholder: string; parse: (text: string) => unknown; check: (value: unknown) => T | undefined; what: string }, // prettier-ignore
): Setting<T> {
  return make(name, o.placeholder, o, o.parse, (v) => o.check(v) ?? wrong(o.what, v));
}

/** A number where the whole text is one; else the text, so that the message can quote it. */
export function numeric(text: string): number | string {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return trimmed === '' || Number.isNaN(value) || /^[+-]?0[xob]/i.test(trimmed) ? text : value;
}

function split(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

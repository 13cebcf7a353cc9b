import {
  KindlingError,
  type OpenRegistry,
  type PluginKind,
  pluginKinds,
  type Provision,
  suggestion,
} from '@kindling/core';
import type { AnyCommand } from '../commands/command.js';
import { kebab } from './names.js';
import { numeric } from './setting.js';

/** Options of one plugin as a user gave them, under the field's own name where that is known. */
export type PluginOptions = Record<string, unknown>;

/** Parts of the JSON Schema of one option that matter here. */
export interface OptionSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: OptionSchema;
  readonly anyOf?: readonly OptionSchema[];
}

/** The options of a plugin, from its Standard JSON Schema: also of a schema that is not core's own. */
export function optionSchemas(provision: Provision): Record<string, OptionSchema> {
  return (jsonSchemaOf(provision)['properties'] ?? {}) as Record<string, OptionSchema>;
}

/** The options that must be given. */
export function requiredOptions(provision: Provision): readonly string[] {
  return (jsonSchemaOf(provision)['required'] ?? []) as string[];
}

function jsonSchemaOf(provision: Provision): Record<string, unknown> {
  return provision.schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
}

export interface PluginFlag {
  readonly kind: PluginKind;
  /** As typed, without dashes: `loss.label-smoothing`. */
  readonly name: string;
  readonly text: string;
}

const pattern = new RegExp(`^--(${pluginKinds.join('|')})\\.([^=]+)(?:=([\\s\\S]*))?$`);

/** Whether any argument sets an option of a plugin. */
export function hasPluginFlags(argv: readonly string[]): boolean {
  return argv.some((argument) => pattern.test(argument));
}

/**
 * Takes the flags that set options of plugins out of the arguments. Which of them stand alone (`--optimizer.nesterov`)
 * depends on what is registered.
 */
export function takePluginFlags(
  argv: readonly string[],
  registry: OpenRegistry,
  kinds: readonly PluginKind[],
): { rest: string[]; flags: PluginFlag[] } {
  const rest: string[] = [];
  const flags: PluginFlag[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i];
    if (argument === '--') return { rest: [...rest, ...argv.slice(i)], flags };
    const match = pattern.exec(argument);
    const kind = match?.[1] as PluginKind | undefined;
    if (match === null || kind === undefined || !kinds.includes(kind)) {
      rest.push(argument);
      continue;
    }
    const option = match[2];
    const next = argv[i + 1];
    let text = match[3];
    if (text === undefined && isSwitch(registry, kind, option) && next !== 'true' && next !== 'false') text = 'true';
    if (text === undefined) {
      if (next === undefined || pattern.test(next)) throw new KindlingError(`--${kind}.${option} needs a value`);
      text = next;
      i += 1;
    }
    flags.push({ kind, name: `${kind}.${option}`, text });
  }
  return { rest, flags };
}

/** The flags, quoted, of a plugin's option or of a plugin that has this name: `--momentum`, `--adam`. */
export function pluginFlagOf(
  name: string,
  { plugins, settings }: Pick<AnyCommand, 'plugins' | 'settings'>,
  registry: OpenRegistry,
): string | undefined {
  const entries = registry.entries().filter(({ provision }) => plugins.includes(provision.kind));
  const having = entries.filter(({ provision }) => Object.keys(optionSchemas(provision)).some((field) => kebab(field) === kebab(name))); // prettier-ignore
  const kinds = new Set(having.map(({ provision }) => provision.kind));
  if (kinds.size > 0) return [...kinds].map((kind) => `--${kind}.${kebab(name)}`).join("' or '");
  const named = entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  const kind = named?.provision.kind;
  const flag = Object.values(settings).find((setting) => [kind, `${kind}s`, `${kind}es`].includes(setting.name))?.name;
  return flag === undefined ? undefined : `--${flag} ${named!.name}`;
}

/** The names of all options of the plugins of some kinds. */
export function pluginOptionNames(kinds: readonly PluginKind[], registry: OpenRegistry): string[] {
  const own = registry.entries().filter(({ provision }) => kinds.includes(provision.kind));
  return own.flatMap(({ provision }) => Object.keys(optionSchemas(provision)));
}

function isSwitch(registry: OpenRegistry, kind: PluginKind, option: string): boolean {
  const schemas = registry
    .entries()
    .filter(({ provision }) => provision.kind === kind)
    .flatMap(({ provision }) => Object.entries(optionSchemas(provision)))
    .filter(([field]) => kebab(field) === kebab(option));
  return schemas.length > 0 && schemas.every(([, schema]) => schema.type === 'boolean');
}

/** The field that `label-smoothing` (or `labelSmoothing`) means, or an error that names the nearest. */
export function fieldOf(provision: Provision, owner: string, option: string, shown: string): string {
  const schemas = optionSchemas(provision);
  const field = Object.keys(schemas).find((name) => kebab(name) === kebab(option));
  if (field !== undefined) return field;
  const inCode = fieldNames(provision).find((name) => kebab(name) === kebab(option));
  if (inCode !== undefined)
    throw new KindlingError(`${shown}: the option '${inCode}' of ${owner} can only be given in code`);
  const near = suggestion(kebab(option), Object.keys(schemas).map(kebab));
  throw new KindlingError(`${shown}: ${owner} has no option '${option}'${near}`);
}

/** Of core's own schemas: also what only code can give. */
function fieldNames({ schema }: Provision): string[] {
  return Object.keys((schema as { fields?: object }).fields ?? {});
}

/** Text from the command line as a value of the option. What is no such value stays text, for the schema to refuse. */
export function valueOf(schema: OptionSchema, text: string): unknown {
  if (schema.type === 'number' || schema.type === 'integer') return numeric(text);
  if (schema.anyOf !== undefined) {
    const list = /^\s*\[|,/.test(text);
    return valueOf(schema.anyOf.find((s) => (s.type === 'array') === list) ?? {}, text);
  }
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema.type === 'array') {
    if (text.trimStart().startsWith('[')) return parsed(text);
    return text.split(',').map((part) => (schema.items?.type === 'string' ? part.trim() : numeric(part)));
  }
  if (schema.type === 'object') return parsed(text);
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Checks options against a plugin's schema; the message names the flag, not the field. */
export function checkOptions(provision: Provision, owner: string, kind: PluginKind, options: PluginOptions): void {
  const result = provision.schema['~standard'].validate(options);
  if (result instanceof Promise)
    throw new KindlingError(`${owner}: its options schema is asynchronous, which does not work here`);
  if (result.issues === undefined) return;
  const messages = result.issues.map(({ message, path }) => {
    const first = path?.[0];
    const field = typeof first === 'object' ? String(first.key) : first === undefined ? undefined : String(first);
    if (field === undefined) return message;
    const shown = `--${kind}.${kebab(field)}`;
    return message.startsWith(`${field} `) ? `${shown}${message.slice(field.length)}` : `${shown}: ${message}`;
  });
  throw new KindlingError(`${owner}: ${messages.join('; ')}`);
}

/** `0 ≤ x ≤ 1`, `one of 'mean', 'sum'`, `2 numbers`: what an option may be. */
export function rangeOf(schema: OptionSchema): string {
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(rangeOf).join(', or ');
  if (schema.items?.type === 'object') return 'JSON: [{ "name": …, …options }, …]';
  if (schema.type === 'array') {
    const inner = schema.items === undefined ? '' : rangeOf(schema.items);
    const many = schema.minItems !== undefined && schema.minItems === schema.maxItems ? `${schema.minItems} ` : '';
    return `${many}numbers${inner === 'number' ? '' : `, each ${inner}`}`;
  }
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const low = minimum !== undefined ? `≥ ${minimum}` : exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : '';
  const high = maximum !== undefined ? `≤ ${maximum}` : exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : '';
  const range = [low, high].filter(Boolean).join(', ');
  return range === '' ? (schema.type ?? 'any') : range;
}

import type { PluginKind, Provision } from '@kindling/core';
import type { GivenOption } from '../commands/command.js';
import { checkOptions, fieldOf, optionSchemas, valueOf } from '../settings/pluginOptions.js';

/** The options of one plugin as its factory wants them: named, read and checked. */
export function optionsFor(
  provision: Provision,
  owner: string,
  kind: PluginKind,
  given: readonly GivenOption[],
): Record<string, unknown> {
  const options = readOptions(provision, owner, kind, given);
  checkOptions(provision, owner, kind, options);
  return options;
}

/** The options of one plugin under the names of its fields. */
export function readOptions(
  provision: Provision,
  owner: string,
  kind: PluginKind,
  given: readonly GivenOption[],
): Record<string, unknown> {
  const schemas = optionSchemas(provision);
  const options: Record<string, unknown> = {};
  for (const { option, value, shown } of given.filter((g) => g.kind === kind)) {
    const field = fieldOf(provision, owner, option, shown);
    options[field] = 'text' in value ? valueOf(schemas[field], value.text) : value.value;
  }
  return options;
}

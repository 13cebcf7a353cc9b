import { KindlingError, type PluginKind, type Provision } from '@kindling/core';
import type { GivenOption } from '../commands/command.js';
import { kebab } from '../settings/names.js';
import { optionSchemas } from '../settings/pluginOptions.js';
import { optionsFor } from './optionsFor.js';

/** Options for several plugins at once: each goes to all that have it, and it is an error if none has. */
export function sharedOptions(
  provisions: readonly Provision[],
  names: readonly string[],
  kind: PluginKind,
  given: readonly GivenOption[],
): Record<string, Record<string, unknown>> {
  const own = given.filter((g) => g.kind === kind);
  const has = (provision: Provision, option: string): boolean =>
    Object.keys(optionSchemas(provision)).some((field) => kebab(field) === kebab(option));
  for (const g of own) {
    if (provisions.some((p) => has(p, g.option))) continue;
    if (provisions.length === 1) optionsFor(provisions[0], names[0], kind, [g]); // names the nearest
    throw new KindlingError(`${g.shown}: none of ${names.join(', ')} has the option '${g.option}'`);
  }
  return Object.fromEntries(
    provisions.map((provision, i) => [
      names[i],
      optionsFor(provision, names[i], kind, own.filter((g) => has(provision, g.option))), // prettier-ignore
    ]),
  );
}

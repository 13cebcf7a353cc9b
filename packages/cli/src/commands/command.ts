import type { PluginKind } from '@kindling/core';
import type { Context } from '../context.js';
import { kebab } from '../settings/names.js';
import type { PluginFlag } from '../settings/pluginOptions.js';
import type { Setting } from '../settings/setting.js';

export type Settings = Readonly<Record<string, Setting<never>>>;

/** The values of settings: without `undefined` where there is a default. */
export type Values<S> = {
  readonly [K in keyof S]: S[K] extends { readonly default: infer D; readonly check: (value: unknown) => infer T }
    ? undefined extends D
      ? T | undefined
      : T
    : never;
};

/** Options of plugins in the order of their precedence: from files first, from the command line last. */
export interface GivenOption {
  readonly kind: PluginKind;
  /** As written: `label-smoothing`. */
  readonly option: string;
  /** Text came from the command line and is read by the option's schema. */
  readonly value: { readonly text: string } | { readonly value: unknown };
  /** How messages call it. */
  readonly shown: string;
  readonly from: 'file' | 'flag';
}

/** All that a user asked of a command. */
export interface Request<S> {
  readonly command: { readonly name: string; readonly settings: Readonly<Record<string, Setting<unknown>>> };
  readonly arguments: readonly string[];
  readonly values: Values<S>;
  /** Names of the settings that a flag gave, and those that a file gave. */
  readonly given: { readonly flags: ReadonlySet<string>; readonly file: ReadonlySet<string> };
  readonly options: readonly GivenOption[];
  /** Print the settings and do nothing. */
  readonly printConfig: boolean;
  /** The configuration's `plugins`, to be repeated by --print-config. */
  readonly plugins: readonly string[] | undefined;
}

export interface CommandDefinition<S = Settings> {
  readonly name: string;
  readonly summary: string;
  /** In commander's notation: `<data.csv>`, `[rows.csv]`. */
  readonly arguments: string;
  readonly argumentHelp: Readonly<Record<string, string>>;
  readonly settings: S;
  /** Kinds of plugins whose options it takes. */
  readonly plugins: readonly PluginKind[];
  /** Lines that help shows and that work in the repository. */
  readonly examples: readonly string[];
  /** Further paragraphs of help. */
  readonly notes?: readonly string[];
  readonly run: (context: Context, request: Request<S>) => Promise<void>;
}

/** A command whose settings' types are forgotten, as the parser needs it. */
export interface AnyCommand extends Omit<CommandDefinition<Readonly<Record<string, Setting<unknown>>>>, 'run'> {
  readonly run: (context: Context, request: never) => Promise<void>;
}

/** Keeps the settings' types. */
export function defineCommand<const S>(definition: CommandDefinition<S>): CommandDefinition<S> {
  return definition;
}

export function fromFlags(flags: readonly PluginFlag[]): GivenOption[] {
  return flags.map(({ kind, name, text }) => ({
    kind,
    option: name.slice(kind.length + 1),
    value: { text },
    shown: `--${name}`,
    from: 'flag',
  }));
}

/** Options under the names of their flags: `loss.label-smoothing`. */
export function chosenOptions(kind: PluginKind, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [`${kind}.${kebab(name)}`, value]));
}

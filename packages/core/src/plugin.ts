import type { Backend } from './backend.js';
import { KindlingError, suggestion } from './errors.js';
import type { LossFactory } from './loss.js';
import type { MetricFactory } from './metric.js';
import type { Optimizer, OptimizerFactory } from './optimizer/optimizer.js';
import {
  type Fields,
  type Given,
  type OptionsSchema,
  optionsSchema,
  type Resolved,
  resolveOptions,
} from './options.js';
import type { AnySchedule, ScheduleFactory } from './schedule.js';

/** The contract between core and plugins; a plugin says which one it was written for. */
export const contractVersion = 1;

export interface BackendFactory<N extends string = string, F extends Fields = Fields> {
  (options?: Given<F>): Promise<Backend>;
  readonly kind: 'backend';
  readonly backendName: N;
  readonly schema: OptionsSchema<F>;
}

/** A backend by name, with options. */
export function defineBackend<const N extends string, F extends Fields>(definition: {
  readonly name: N;
  readonly options: F;
  readonly open: (options: Resolved<F>) => Promise<Backend>;
}): BackendFactory<N, F> {
  const schema = optionsSchema(definition.options);
  const factory = async (options?: Given<F>): Promise<Backend> =>
    definition.open(resolveOptions(definition.name, schema, options));
  return Object.assign(factory, { kind: 'backend' as const, backendName: definition.name, schema });
}

// `any`: a factory's options are invariant, and a registry holds all of them
/* eslint-disable @typescript-eslint/no-explicit-any */
export type Provision =
  | LossFactory<any, any, any, any>
  | OptimizerFactory<any, any>
  | AnySchedule
  | MetricFactory<any, any, any>
  | BackendFactory<any, any>;

/** What a plugin can provide. */
export const pluginKinds = ['loss', 'optimizer', 'schedule', 'metric', 'backend'] as const;
export type PluginKind = (typeof pluginKinds)[number];

export interface Plugin<P extends readonly Provision[] = readonly Provision[]> {
  readonly name: string;
  readonly contract: 1;
  readonly provides: P;
}

/** What a package default-exports, so that it can be registered as a whole. */
export function definePlugin<const P extends readonly Provision[]>(definition: {
  readonly name: string;
  readonly contract: 1;
  readonly provides: P;
}): Plugin<P> {
  return definition;
}

type ProvisionsOf<T> = T extends Plugin<infer P> ? P[number] : T;
type NamesOf<T, Kind extends PluginKind> =
  ProvisionsOf<T> extends infer X
    ? X extends { readonly kind: Kind } & { readonly [K in `${Kind}Name`]: infer N }
      ? N
      : never
    : never;

/** What the steps of the registered optimizers are like. */
type StepsOf<T> = ProvisionsOf<T> extends infer X ? (X extends OptimizerFactory<any, any, infer O> ? O : never) : never;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** Something registered, and the plugin that it came with. */
export interface Registered<P extends Provision = Provision> {
  readonly name: string;
  readonly provision: P;
  /** The package; undefined for what was registered singly. */
  readonly plugin: string | undefined;
}

export interface Registry<T = Plugin | Provision> {
  loss(name: NamesOf<T, 'loss'>): LossFactory;
  optimizer(
    name: NamesOf<T, 'optimizer'>,
  ): OptimizerFactory<string, Fields, [StepsOf<T>] extends [never] ? Optimizer : StepsOf<T>>;
  schedule(name: NamesOf<T, 'schedule'>): ScheduleFactory;
  metric(name: NamesOf<T, 'metric'>): MetricFactory;
  backend(name: NamesOf<T, 'backend'>): BackendFactory;
  /** Everything there is, in the order of registration. */
  entries(): readonly Registered[];
}

/** A registry whose names are only known at run time, as the command line has it. */
export type OpenRegistry = Registry<
  { [K in PluginKind]: { readonly kind: K } & { readonly [N in `${K}Name`]: string } }[PluginKind]
>;

/** The name of what a define function has made. */
function nameOf(p: Provision): string {
  return String((p as unknown as Record<string, unknown>)[`${p.kind}Name`]);
}

/** Finds losses, optimizers, schedules, metrics and backends by name: for the command line and for files. In code, pass the values. */
export function createRegistry<const T extends readonly (Plugin | Provision)[]>(...items: T): Registry<T[number]> {
  const entries: Registered[] = [];
  const add = (provision: Provision, plugin: string | undefined): void => {
    if (!(pluginKinds as readonly unknown[]).includes((provision as { kind?: string } | undefined)?.kind))
      throw new KindlingError(
        `createRegistry: ${plugin === undefined ? 'an item' : `plugin '${plugin}'`} is neither a plugin nor made by a define function`,
      );
    const name = nameOf(provision);
    const twin = entries.find((e) => e.provision.kind === provision.kind && e.name === name);
    if (twin !== undefined && twin.provision !== provision)
      throw new KindlingError(
        `createRegistry: the ${provision.kind} '${name}' is provided by ${twin.plugin ?? 'an item'} and by ${plugin ?? 'an item'}; register only one`,
      );
    if (twin === undefined) entries.push({ name, provision, plugin });
  };
  for (const item of items) {
    if (typeof item === 'object' && item !== null && 'provides' in item) {
      const { name, contract }: { readonly name: string; readonly contract: number } = item;
      if (contract !== contractVersion)
        throw new KindlingError(
          `createRegistry: plugin '${name}' is written for contract ${contract}, this core has contract ` +
            `${contractVersion}; install a version of the plugin that fits, or update @kindling/core`,
        );
      for (const provision of item.provides) add(provision, item.name);
    } else add(item, undefined);
  }
  const find = (kind: PluginKind, name: string): Provision => {
    const all = entries.filter((e) => e.provision.kind === kind);
    const found = all.find((e) => e.name === name);
    if (found === undefined)
      throw new KindlingError(`there is no ${kind} '${name}'${suggestion(name, all.map((e) => e.name))}`); // prettier-ignore
    return found.provision;
  };
  return {
    loss: (name) => find('loss', name) as LossFactory,
    optimizer: (name) => find('optimizer', name) as never,
    schedule: (name) => find('schedule', name) as unknown as ScheduleFactory,
    metric: (name) => find('metric', name) as MetricFactory,
    backend: (name) => find('backend', name) as BackendFactory,
    entries: () => entries,
  };
}

import type { Backend } from '../backend.js';
import { type Fields, type Given, type OptionsSchema, optionsSchema, resolveOptions } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { ModelOptimizerDefinition, ModelUpdate, ModelUpdated } from './defineModelOptimizer.js';
import { withMaximize } from './groupedOptimizer.js';
import { ModelOptimizer, type ModelRules, type Update, withPrefix } from './modelOptimizer.js';
import type { Parameter } from '../variable.js';
import type { Closure, ClosureOptimizer, GradientOptimizer, Group, OptimizerFactory } from './optimizer.js';

/** An optimizer around an optimizer: `wrapper(adam(parameters), options)`. */
export interface OptimizerWrapper<F extends Fields, Q extends boolean> {
  <B extends GradientOptimizer | (Q extends true ? never : ClosureOptimizer)>(
    base: B,
    options?: Given<F>,
  ): Q extends true ? ClosureOptimizer : B;
  readonly wrapperName: string;
  readonly schema: OptionsSchema<Fields>;
}

export interface OptimizerWrapperDefinition<
  N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number>,
  G extends Record<string, Tensor>,
  Q extends boolean,
> extends Omit<ModelOptimizerDefinition<N, F, S, C, H, G, Q>, 'update'> {
  /**
   * 'after': the base has taken its step, parameters are new and gradients those that it used. 'before': `update` sees
   * what the base will see, and takes the base's step itself.
   */
  readonly when: 'before' | 'after';
  readonly update: (
    a: ModelUpdate<F, S, C, G, Q> & {
      /** The step of what is wrapped. */
      readonly baseStep: () => void;
    },
  ) => ModelUpdated<{ readonly parameter?: Tensor; readonly state: S }, G>;
}

/** A wrapper that is also an optimizer by itself, around its usual base: `wrapper(parameters, options)`. */
export type NamedOptimizerWrapper<N extends string, F extends Fields, B extends Fields, Q extends boolean> =
  OptimizerWrapper<F, Q> & OptimizerFactory<N, Omit<B, 'maximize'> & F, Q extends true ? ClosureOptimizer : GradientOptimizer>; // prettier-ignore

/**
 * What goes around an optimizer of any kind, with state and weights for evaluation of its own. With a `base` it is also an
 * optimizer by itself, which has that one's options, too.
 */
export function defineOptimizerWrapper<
  const N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number> = Record<string, never>,
  G extends Record<string, Tensor> = Record<string, never>,
  Q extends boolean = false,
  B extends Fields = never,
>(
  definition: OptimizerWrapperDefinition<N, F, S, C, H, G, Q> & {
    readonly base?: OptimizerFactory<string, B, GradientOptimizer>;
  },
): [B] extends [never] ? OptimizerWrapper<F, Q> : NamedOptimizerWrapper<N, F, B, Q> {
  const { name, options: fields, base } = definition;
  const own = optionsSchema(fields);
  const wrap = (base: GradientOptimizer, options: Record<string, unknown>) =>
    new WrappingOptimizer(definition, own, base, options);
  if (base === undefined)
    return Object.assign((o: GradientOptimizer, options: Given<F> = {}) => wrap(o, options), {
      wrapperName: name,
      schema: own,
    }) as never;
  const all = optionsSchema({ ...base.schema.fields, ...fields });
  const factory = (what: GradientOptimizer | Iterable<Parameter>, options: Record<string, unknown> = {}) => {
    if ('step' in what) return wrap(what, options);
    const [mine, others]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
    for (const [k, v] of Object.entries(options)) (k in fields ? mine : others)[k] = v;
    return wrap(base(what, others), mine);
  };
  return Object.assign(factory, { wrapperName: name, optimizerName: name, kind: 'optimizer', schema: all }) as never;
}

class WrappingOptimizer extends ModelOptimizer {
  readonly #name: string;
  readonly #when: 'before' | 'after';
  readonly #base: GradientOptimizer;

  constructor(
    rules: ModelRules & { update: Update; when: 'before' | 'after' },
    schema: OptionsSchema<Fields>,
    base: GradientOptimizer,
    given: Record<string, unknown>,
  ) {
    const options = resolveOptions(rules.name, schema, given) as Record<string, unknown>;
    // its own groups are those of what is wrapped, so that it goes the same way
    super(rules, withMaximize(rules.options), base.groups.map(({ params }) => ({ params })) as never, options);
    this.own.forEach((group, i) => {
      Object.defineProperty(group, 'maximize', { get: () => base.groups[i]['maximize'] });
    });
    this.#name = rules.name;
    this.#when = rules.when;
    this.#base = base;
  }

  override get optimizerName(): string {
    return `${this.#name}(${this.#base.optimizerName})`;
  }
  /** Those of what is wrapped. */
  override get groups(): Group[] {
    return this.#base.groups;
  }
  override get steadier(): Record<string, unknown> {
    return { ...this.#base.steadier, ...super.steadier };
  }

  protected override begin(closure: Closure | undefined): Tensor | undefined {
    if (this.#when === 'before') return super.begin(closure);
    return closure === undefined ? void this.#base.step() : this.#base.step(closure);
  }
  protected override tools(): object {
    return {
      baseStep: () => {
        this.#base.step();
      },
    };
  }

  override train(on = true): void {
    if (on) super.train(true);
    this.#base.train(on);
    if (!on) super.train(false);
  }
  override async to(backend: Backend): Promise<void> {
    await this.#base.to(backend);
    await super.to(backend);
  }
  override stateDict(): Record<string, Tensor> {
    const own = Object.entries(super.stateDict()).map(([k, t]) => [`${this.#name}.${k}`, t] as const);
    return { ...this.#base.stateDict(), ...Object.fromEntries(own) };
  }
  override loadStateDict(state: Record<string, Tensor>): void {
    const [own, rest] = withPrefix(`${this.#name}.`, state);
    this.#base.loadStateDict(rest);
    super.loadStateDict(own);
  }
}

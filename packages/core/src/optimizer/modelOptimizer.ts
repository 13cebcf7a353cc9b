import { KindlingError, suggestion } from '../errors.js';
import { commit, currentTrace } from '../evaluate.js';
import { enableGrad, noGrad } from '../node.js';
import type { Fields, OptionsSchema } from '../options.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { assign, type Parameter, type Variable, variable } from '../variable.js';
import { Copies, EvaluationWeights } from './evaluationWeights.js';
import { GroupedOptimizer, type Member, type Rules, type Updated } from './groupedOptimizer.js';
import type { Closure } from './optimizer.js';

/** A parameter in a step, as an update sees it: its value and gradient are those from before the step. */
interface ModelMember {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly state: Record<string, Tensor>;
  readonly scalars: Record<string, Tensor>;
  readonly options: Record<string, unknown>;
}

export interface ModelRules extends Rules {
  readonly shared?: (members: readonly never[]) => Record<string, Tensor>;
  readonly closure?: boolean;
  readonly evaluation?: (member: never) => Tensor;
}

export type Update = (a: never) => { readonly members?: readonly Updated[]; readonly shared?: Record<string, Tensor> };

/** The sum of 0-d tensors, in the dtype of the first. */
function total(terms: readonly Tensor[]): Tensor {
  return terms.reduce((sum, t) => sum.add(t.to(sum.dtype)));
}

/**
 * An optimizer that sees all parameters at once: tensors of the whole model, gradients elsewhere, weights for
 * evaluation. All of a step can be one program.
 */
export class ModelOptimizer extends GroupedOptimizer {
  readonly compiles = true;
  readonly #modelRules: ModelRules;
  readonly #update: Update;
  #shared: Record<string, Variable> | undefined;
  readonly #weights = new EvaluationWeights();
  readonly #values = new Copies<Parameter>();
  /** Gradients of one step, by the number of the evaluation. */
  readonly #gradients: Copies<Parameter>[] = [];

  constructor(
    rules: ModelRules & { update: Update },
    schema: OptionsSchema<Fields>,
    params: Iterable<Parameter>,
    options: Record<string, unknown>,
  ) {
    super(rules, schema, params, options);
    this.#modelRules = rules;
    this.#update = rules.update;
  }

  /** The gradients before the update. */
  protected begin(closure: Closure | undefined): Tensor | undefined {
    if (closure === undefined && this.#modelRules.closure === true)
      throw new KindlingError(
        `${this.optimizerName}: a step needs gradients at several points; call step(closure) with a function that ` +
          `clears the gradients, computes the loss, calls backward and returns the loss`,
      );
    return closure && enableGrad(closure);
  }
  /** What an update gets beside members. */
  protected tools(): object {
    return {};
  }

  step(closure?: Closure): Tensor | undefined {
    this.requireTraining();
    const loss = this.begin(closure);
    noGrad(() => {
      const members = this.members();
      if (members.length === 0) return;
      const seen = members.map((m) => this.#seen(m));
      const next = this.#update({
        members: seen,
        shared: this.#sharedOf(seen),
        total: (term: (member: ModelMember) => Tensor) => total(seen.map(term)),
        ...(closure === undefined ? {} : { evaluate: this.#evaluator(members, seen, closure) }),
        ...this.tools(),
      } as never);
      members.forEach((m, i) => this.write(m, next.members?.[i] ?? {}));
      for (const [name, v] of Object.entries(this.#shared ?? {})) {
        const value = next.shared?.[name];
        if (value === undefined)
          throw new KindlingError(`${this.optimizerName}: update returned no '${name}' in what is shared`);
        if (value !== v) assign(v, value);
      }
    });
    commit();
    return loss;
  }

  /**
   * Where the update will ask for further gradients, parameters and gradients are overwritten meanwhile. Within a
   * compiled function that is no matter: the graph holds their values.
   */
  #seen({ parameter, gradient, ...rest }: Member): ModelMember {
    if (this.#modelRules.closure !== true) return { parameter, gradient, ...rest };
    return {
      parameter: held(this.#values, parameter, parameter),
      gradient: this.#gradient(0, parameter, gradient),
      ...rest,
    };
  }
  #gradient(evaluation: number, p: Parameter, gradient: Tensor): Tensor {
    return held((this.#gradients[evaluation] ??= new Copies()), p, gradient);
  }

  /** Loss and gradients with other values in the parameters, which have their own again afterwards. */
  #evaluator(members: readonly Member[], seen: readonly ModelMember[], closure: Closure) {
    let count = 0;
    return (values: readonly Tensor[]) => {
      members.forEach(({ parameter }, i) => assign(parameter, values[i]));
      const loss = enableGrad(closure);
      count += 1;
      const gradients = members.map(({ parameter, options }, i) => {
        const { grad } = parameter;
        if (grad === undefined)
          throw new KindlingError(`${this.optimizerName}: the closure made no gradient for ${parameter.describe()}`);
        assign(parameter, seen[i].parameter);
        return this.#gradient(count, parameter, options['maximize'] === true ? grad.neg() : grad);
      });
      return { loss, gradients };
    };
  }

  #sharedOf(members: readonly ModelMember[]): Record<string, Variable> {
    if (this.#shared === undefined) {
      const initial = Object.entries(this.#modelRules.shared?.(members as never) ?? {});
      this.#shared = Object.fromEntries(initial.map(([k, t]) => [k, named(variable(t), k)]));
    }
    return this.#shared;
  }

  // ── weights for evaluation ──
  protected requireTraining(): void {
    if (this.#weights.active)
      throw new KindlingError(
        `${this.optimizerName}: the parameters hold the weights for evaluation; call optimizer.train() before a step`,
      );
  }
  train(on = true): void {
    const { evaluation } = this.#modelRules;
    if (evaluation === undefined) return;
    if (on) this.#weights.restore();
    else this.#weights.put(this.stateOf().map((m) => [m.parameter, noGrad(() => evaluation(m as never))]));
  }

  protected override aside(): Iterable<Variable> {
    return [this.#values, ...this.#gradients].reduce(
      (all, copies) => [...all, ...copies.all()],
      [...this.#weights.aside()],
    );
  }

  // ── saving ──
  override stateDict(): Record<string, Tensor> {
    const shared = Object.entries(this.#shared ?? {}).map(([k, v]) => [`shared.${k}`, v] as const);
    return { ...super.stateDict(), ...Object.fromEntries(shared) };
  }
  override loadStateDict(state: Record<string, Tensor>): void {
    const [shared, rest] = withPrefix('shared.', state);
    const present = this.#shared;
    for (const [k, t] of Object.entries(shared)) {
      const own = present?.[k];
      if (present !== undefined && (own === undefined || !sameShape(own.shape, t.shape)))
        throw new KindlingError(
          `${this.optimizerName}.loadStateDict: there is no place for 'shared.${k}' of shape ${showShape(t.shape)}` +
            suggestion(k, Object.keys(present)),
        );
    }
    const change = (): void => {
      this.#weights.forget();
      const given = Object.entries(shared);
      if (given.length === 0) this.#shared = undefined;
      else if (present === undefined)
        this.#shared = Object.fromEntries(given.map(([k, t]) => [k, named(variable(t), k)]));
      else for (const [k, t] of given) assign(present[k], t.to(present[k].dtype));
    };
    this.load(rest, [change]);
  }
}

/** `value` for the rest of the step, whatever is evaluated meanwhile. */
function held(copies: Copies<Parameter>, key: Parameter, value: Tensor): Tensor {
  return currentTrace() === undefined ? copies.take(key, value) : new Tensor(value.node);
}

export function named(v: Variable, name: string): Variable {
  v.name = name;
  return v;
}

/** The entries under a prefix, without it, and the others. */
export function withPrefix(
  prefix: string,
  state: Record<string, Tensor>,
): readonly [under: Record<string, Tensor>, rest: Record<string, Tensor>] {
  const [under, rest]: [Record<string, Tensor>, Record<string, Tensor>] = [{}, {}];
  for (const [k, t] of Object.entries(state))
    if (k.startsWith(prefix)) under[k.slice(prefix.length)] = t;
    else rest[k] = t;
  return [under, rest];
}

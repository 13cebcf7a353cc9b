import type { Backend } from './backend.js';
import { hostScalars } from './compile.js';
import { KindlingError, suggestion } from './errors.js';
import { commit, guarded } from './evaluate.js';
import { moveVariables } from './moveVariables.js';
import { noGrad } from './node.js';
import {
  boolean,
  type Field,
  type Fields,
  type Given,
  type OptionsSchema,
  optionsSchema,
  type Resolved,
  resolveOptions,
} from './options.js';
import { sameShape, showShape } from './shape.js';
import { tensor, Tensor } from './tensor.js';
import { assign, Parameter, type Variable, variable } from './variable.js';

/** Parameters that share options. The options may be changed at any time: they are read at every step. */
export interface Group {
  params: Parameter[];
  lr: number;
  [option: string]: unknown;
}

export interface Optimizer {
  readonly optimizerName: string;
  readonly groups: Group[];
  /** Updates the parameters that have a gradient, and realises the losses given to `backward`. */
  step(): void;
  /** Forgets the gradients. */
  zeroGrad(): void;
  /** Step counts, options and per-parameter state, under names that `loadStateDict` knows. */
  stateDict(): Record<string, Tensor>;
  /** Continues exactly where the state was saved; the groups must have the same parameters. */
  loadStateDict(state: Record<string, Tensor>): void;
  /** Moves the state to a backend; the parameters are the model's to move. Await it before the next step. */
  to(backend: Backend): Promise<void>;
}

/** Parameters, or groups of them with options of their own. */
export type Params<F extends Fields> = Iterable<Parameter> | Iterable<Given<F> & { params: Iterable<Parameter> }>;

export interface OptimizerFactory<N extends string = string, F extends Fields = Fields> {
  (params: Params<F>, options?: Given<F> & { maximize?: boolean }): Optimizer;
  readonly kind: 'optimizer';
  readonly optimizerName: N;
  readonly schema: OptionsSchema<F & { maximize: Field<boolean> }>;
}

export interface OptimizerDefinition<
  N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
> {
  readonly name: N;
  /** Must have `lr`. `maximize` comes from the framework. */
  readonly options: F;
  /** What the options must fulfil together; a message where they do not. */
  readonly check?: (options: Resolved<F>) => string | undefined;
  /** Tensor state of one parameter, at its first step. */
  readonly init: (parameter: Tensor, options: Resolved<F>) => S;
  /** Host arithmetic in float64, once a step (the first is 1); each result reaches the kernel as a run-time scalar. */
  readonly scalars: (options: Resolved<F>, step: number) => C;
  /** Traced once. Numbers that change belong in `scalars`; an option read here makes a program of its own. */
  readonly update: (a: {
    readonly parameter: Tensor;
    readonly gradient: Tensor;
    readonly state: S;
    readonly scalars: { readonly [K in keyof C]: Tensor };
    readonly options: Resolved<F>;
  }) => { readonly parameter: Tensor; readonly state: S };
}

/** An optimizer from its update rule: groups, state, saving and stepping come from here. */
export function defineOptimizer<
  const N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
>(definition: OptimizerDefinition<N, F, S, C>): OptimizerFactory<N, F> {
  const schema = optionsSchema({
    ...definition.options,
    maximize: boolean({ default: false, description: 'go up the gradient instead of down' }),
  });
  const factory = (params: Params<F>, options?: Given<F> & { maximize?: boolean }): Optimizer =>
    new ElementwiseOptimizer(definition as never, schema, params as never, options ?? {});
  return Object.assign(factory, {
    kind: 'optimizer' as const,
    optimizerName: definition.name,
    schema: schema,
  });
}

type AnyDefinition = OptimizerDefinition<string, Fields, Record<string, Tensor>, Record<string, number>>;

class ElementwiseOptimizer implements Optimizer {
  readonly groups: Group[] = [];
  readonly #definition: AnyDefinition;
  readonly #schema: OptionsSchema<Fields>;
  readonly #state = new Map<Parameter, Record<string, Variable>>();
  readonly #steps = new Map<Parameter, number>();

  constructor(
    definition: AnyDefinition,
    schema: OptionsSchema<Fields>,
    params: Iterable<Parameter | (Record<string, unknown> & { params: Iterable<Parameter> })>,
    options: Record<string, unknown>,
  ) {
    this.#definition = definition;
    this.#schema = schema;
    if (!isIterable(params))
      throw new KindlingError(
        `${definition.name}: ${describe(params)} is not a list of parameters; give model.parameters()`,
      );
    const list = [...params];
    const grouped = list.filter((p) => !(p instanceof Parameter)) as (Record<string, unknown> & {
      params: Iterable<Parameter>;
    })[];
    for (const group of grouped)
      if (!isIterable(group?.params))
        throw new KindlingError(
          `${definition.name}: ${describe(group)} is not a parameter, nor a group { params: model.parameters(), … }; ` +
            `make a parameter with parameter(tensor)`,
        );
    if (grouped.length > 0 && grouped.length < list.length)
      throw new KindlingError(`${definition.name}: give either parameters or groups { params, … }, not both`);
    for (const { params: members, ...own } of grouped.length > 0 ? grouped : [{ params: list as Parameter[] }])
      this.#addGroup([...members], { ...options, ...own });
    if (this.groups.every((g) => g.params.length === 0))
      throw new KindlingError(`${definition.name}: there is no parameter to optimize; give model.parameters()`);
  }

  get optimizerName(): string {
    return this.#definition.name;
  }

  #addGroup(params: Parameter[], given: Record<string, unknown>): void {
    const { name, check } = this.#definition;
    const options = resolveOptions(name, this.#schema, given);
    const problem = check?.(options);
    if (problem !== undefined) throw new KindlingError(`${name}: ${problem}`);
    const seen = new Set(this.groups.flatMap((g) => g.params));
    const unique: Parameter[] = [];
    for (const p of params) {
      if (!(p instanceof Parameter))
        throw new KindlingError(`${name}: ${String(p)} is not a parameter; make one with parameter(tensor)`);
      if (seen.has(p)) {
        if (!unique.includes(p)) throw new KindlingError(`${name}: ${p.describe()} is in two groups`);
        continue; // tied: updated once
      }
      seen.add(p);
      unique.push(p);
    }
    this.groups.push({ ...options, params: unique, lr: options['lr'] as number });
  }

  zeroGrad(): void {
    for (const { params } of this.groups) for (const p of params) p.grad = undefined;
  }

  step(): void {
    noGrad(() => {
      for (const group of this.groups) {
        const active = group.params.filter((p) => p.requiresGrad && p.grad !== undefined);
        // parameters that joined later count their own steps
        const cohorts = new Map<number, Parameter[]>();
        for (const p of active) {
          const step = this.#steps.get(p) ?? 0;
          cohorts.set(step, [...(cohorts.get(step) ?? []), p]);
        }
        for (const cohort of cohorts.values()) this.#stepCohort(group, cohort);
      }
    });
    commit();
  }

  #stepCohort(group: Group, cohort: readonly Parameter[]): void {
    const { scalars, update, init } = this.#definition;
    const first = cohort[0];
    const options = this.#structure(group);
    const names = Object.keys(scalars(group, (this.#steps.get(first) ?? 0) + 1));
    const float64 = cohort.some((p) => p.dtype === 'float64');
    const values = hostScalars(
      names.length,
      () => {
        const step = (this.#steps.get(first) ?? 0) + 1;
        for (const p of cohort) this.#steps.set(p, step);
        return Object.values(scalars(group, step));
      },
      float64 ? 'float64' : 'float32',
    );
    const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    for (const p of cohort) {
      let state = this.#state.get(p);
      if (state === undefined) {
        state = Object.fromEntries(Object.entries(init(p, options)).map(([k, t]) => [k, variable(t)]));
        for (const [k, v] of Object.entries(state)) v.name = `${k} of ${p.name ?? 'a parameter'}`;
        this.#state.set(p, state);
      }
      const gradient = options['maximize'] === true ? p.grad!.neg() : p.grad!;
      const next = update({ parameter: p, gradient, state, scalars: named, options });
      assign(p, next.parameter);
      for (const [k, v] of Object.entries(state)) {
        const value = next.state[k];
        if (value === undefined)
          throw new KindlingError(`${this.#definition.name}: update returned no '${k}' in its state`);
        if (value !== v) assign(v, value);
      }
    }
  }

  /** The options as `update` sees them: what it reads decides the program. */
  #structure(group: Group): Record<string, unknown> {
    const schema = this.#schema;
    return Object.defineProperties(
      {},
      Object.fromEntries(
        Object.keys(schema.fields).map((name) => [name, { enumerable: true, get: () => guarded(() => group[name]) }]),
      ),
    );
  }

  stateDict(): Record<string, Tensor> {
    const out: Record<string, Tensor> = {};
    let index = 0;
    this.groups.forEach((group, g) => {
      for (const [name, value] of Object.entries(optionsOf(group, this.#schema)))
        if (typeof value === 'number' || (Array.isArray(value) && value.every((x) => typeof x === 'number')))
          out[`groups.${g}.${name}`] = tensor(value, { dtype: 'float64' });
      for (const p of group.params) {
        const steps = this.#steps.get(p);
        if (steps !== undefined) {
          out[`state.${index}.step`] = tensor(steps, { dtype: 'float64' });
          for (const [k, v] of Object.entries(this.#state.get(p) ?? {})) out[`state.${index}.${k}`] = v;
        }
        index += 1;
      }
    });
    return out;
  }

  to(backend: Backend): Promise<void> {
    return moveVariables(Object.values(this.stateDict()), backend);
  }

  loadStateDict(state: Record<string, Tensor>): void {
    const { name, init } = this.#definition;
    const fail = (why: string): never => {
      throw new KindlingError(`${name}.loadStateDict: ${why}`);
    };
    // everything is checked before anything is changed
    const changes: (() => void)[] = [];
    const known = new Set<string>();
    let index = 0;
    this.groups.forEach((group, g) => {
      for (const option of Object.keys(this.#schema.fields)) {
        const key = `groups.${g}.${option}`;
        const saved = state[key];
        known.add(key);
        if (saved === undefined) continue;
        const data = Array.from(saved.dataSync() as Float64Array);
        changes.push(() => {
          group[option] = saved.shape.length === 0 ? data[0] : data;
        });
      }
      for (const p of group.params) {
        const prefix = `state.${index}.`;
        const template = noGrad(() => init(p, group));
        const step = state[`${prefix}step`];
        known.add(`${prefix}step`);
        const loaded: Record<string, Variable> = {};
        for (const [k, t] of Object.entries(template)) {
          const saved = state[prefix + k];
          known.add(prefix + k);
          if (saved === undefined) {
            if (step !== undefined)
              fail(`'${prefix}${k}' is missing; the state was saved with other options or by another optimizer`);
            continue;
          }
          if (!sameShape(saved.shape, t.shape))
            fail(
              `'${prefix}${k}' has shape ${showShape(saved.shape)}, the parameter needs ${showShape(t.shape)}; the groups differ`,
            );
          loaded[k] = variable(saved.to(t.dtype));
        }
        if (step !== undefined) {
          const steps = Number(step.dataSync()[0]);
          changes.push(() => {
            this.#steps.set(p, steps);
            const present = this.#state.get(p);
            if (present === undefined) this.#state.set(p, loaded);
            else for (const [k, v] of Object.entries(loaded)) assign(present[k], v);
          });
        } else
          changes.push(() => {
            // in place: a step that was compiled before goes on with these variables
            this.#steps.delete(p);
            for (const [k, v] of Object.entries(this.#state.get(p) ?? {})) assign(v, template[k]);
          });
        index += 1;
      }
    });
    for (const key of Object.keys(state))
      if (!known.has(key)) fail(`there is no place for '${key}'${suggestion(key, known)}`);
    for (const change of changes) change();
    commit();
  }
}

function isIterable(x: unknown): x is Iterable<unknown> {
  return typeof x === 'object' && x !== null && Symbol.iterator in x;
}

/** A value in a message. */
function describe(x: unknown): string {
  if (x instanceof Tensor) return x.describe();
  return typeof x === 'object' && x !== null
    ? `an object with ${Object.keys(x).slice(0, 5).join(', ')}`
    : `'${typeof x}'`;
}

/** The present options of a group. */
function optionsOf(group: Group, schema: OptionsSchema<Fields>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema.fields).map((name) => [name, group[name]]));
}

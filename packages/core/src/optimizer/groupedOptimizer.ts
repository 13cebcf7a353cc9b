import type { Backend } from '../backend.js';
import { hostScalars } from '../compile.js';
import { KindlingError, suggestion } from '../errors.js';
import { commit, guarded, undoIfItFails } from '../evaluate.js';
import { moveVariables } from '../moveVariables.js';
import { noGrad } from '../node.js';
import { boolean, type Field, type Fields, type OptionsSchema, optionsSchema, resolveOptions } from '../options.js';
import { sameShape, showShape } from '../shape.js';
import { tensor, Tensor } from '../tensor.js';
import { assign, Parameter, type Variable, variable } from '../variable.js';
import type { Group } from './optimizer.js';

type Options = Record<string, unknown>;
/** Host numbers of a parameter: how many steps it has taken, and what else a definition counts. */
type Counts = Readonly<Record<string, number>>;

/** The part of a definition that groups and state need; the definitions have it with narrower types. */
export interface Rules {
  readonly name: string;
  readonly options: Fields;
  readonly check?: (options: never) => string | undefined;
  readonly steadier?: Options;
  readonly accepts?: (parameter: Tensor) => string | undefined;
  readonly init: (parameter: Tensor, options: never) => Record<string, Tensor>;
  readonly counts?: {
    readonly start: Counts;
    readonly next: (options: never, step: number, before: never) => Counts;
  };
  readonly scalars: (options: never, step: number, counts: never) => Record<string, number>;
}

/** A parameter in a step. */
export interface Member {
  readonly parameter: Parameter;
  /** Turned round for `maximize`. */
  readonly gradient: Tensor;
  readonly state: Record<string, Variable>;
  readonly scalars: Record<string, Tensor>;
  readonly options: Options;
}

/** What becomes of it. */
export interface Updated {
  readonly parameter?: Tensor;
  readonly state?: Record<string, Tensor>;
}

/** The schema of an optimizer's options: `maximize` comes with all. */
export function withMaximize<F extends Fields>(options: F): OptionsSchema<F & { maximize: Field<boolean> }> {
  return optionsSchema({
    ...options,
    maximize: boolean({ default: false, description: 'go up the gradient instead of down' }),
  });
}

/** Groups, and the state of each parameter: its making, its numbers at a step, its saving and loading. */
export class GroupedOptimizer {
  readonly #rules: Rules;
  readonly #schema: OptionsSchema<Fields>;
  readonly #groups: Group[] = [];
  readonly #state = new Map<Parameter, Record<string, Variable>>();
  /** One object for all parameters of a group that have taken the same steps. */
  readonly #counts = new Map<Parameter, Counts | undefined>();

  constructor(
    rules: Rules,
    schema: OptionsSchema<Fields>,
    params: Iterable<Parameter | (Options & { params: Iterable<Parameter> })>,
    options: Options,
  ) {
    this.#rules = rules;
    this.#schema = schema;
    const { name } = rules;
    if (!isIterable(params))
      throw new KindlingError(`${name}: ${describe(params)} is not a list of parameters; give model.parameters()`);
    const list = [...params];
    const grouped = list.filter((p) => !(p instanceof Parameter)) as (Options & { params: Iterable<Parameter> })[];
    for (const group of grouped)
      if (!isIterable(group?.params))
        throw new KindlingError(
          `${name}: ${describe(group)} is not a parameter, nor a group { params: model.parameters(), … }; ` +
            `make a parameter with parameter(tensor)`,
        );
    if (grouped.length > 0 && grouped.length < list.length)
      throw new KindlingError(`${name}: give either parameters or groups { params, … }, not both`);
    for (const { params: members, ...own } of grouped.length > 0 ? grouped : [{ params: list as Parameter[] }])
      this.#addGroup([...members], { ...options, ...own });
    if (this.#groups.every((g) => g.params.length === 0))
      throw new KindlingError(`${name}: there is no parameter to optimize; give model.parameters()`);
  }

  get optimizerName(): string {
    return this.#rules.name;
  }
  get groups(): Group[] {
    return this.#groups;
  }
  get steadier(): Options {
    const known = Object.entries(this.#rules.steadier ?? {});
    return Object.fromEntries(known.filter(([name, value]) => this.#groups.some((g) => g[name] !== value)));
  }
  /** Those that its own options are in, whatever it shows as groups. */
  protected get own(): Group[] {
    return this.#groups;
  }

  #addGroup(params: Parameter[], given: Options): void {
    const { name, check, accepts } = this.#rules;
    const options = resolveOptions(name, this.#schema, given);
    const problem = check?.(options as never);
    if (problem !== undefined) throw new KindlingError(`${name}: ${problem}`);
    const seen = new Set(this.#groups.flatMap((g) => g.params));
    const unique: Parameter[] = [];
    for (const p of params) {
      if (!(p instanceof Parameter))
        throw new KindlingError(`${name}: ${String(p)} is not a parameter; make one with parameter(tensor)`);
      if (seen.has(p)) {
        if (!unique.includes(p)) throw new KindlingError(`${name}: ${p.describe()} is in two groups`);
        continue; // tied: updated once
      }
      const refusal = accepts?.(p);
      if (refusal !== undefined) throw new KindlingError(`${name}: ${refusal}`);
      seen.add(p);
      unique.push(p);
    }
    this.#groups.push({ ...options, params: unique, lr: options['lr'] as number });
  }

  zeroGrad(): void {
    for (const { params } of this.groups) for (const p of params) p.grad = undefined;
  }

  /** The parameters that have a gradient, with what an update needs to know of them. */
  protected members(): Member[] {
    const members: Member[] = [];
    for (const group of this.#groups) {
      const active = group.params.filter((p) => p.requiresGrad && p.grad !== undefined);
      // parameters that joined later count their own steps
      guarded(() => this.#partition(active));
      const cohorts = new Map<Counts | undefined, Parameter[]>();
      for (const p of active) {
        const counts = this.#counts.get(p);
        cohorts.set(counts, [...(cohorts.get(counts) ?? []), p]);
      }
      for (const cohort of cohorts.values()) this.#addMembers(members, group, cohort);
    }
    return members;
  }

  /** Which of the parameters have taken the same steps; '' where all have. */
  #partition(parameters: readonly Parameter[]): string {
    const kinds = [...new Set(parameters.map((p) => this.#counts.get(p)))];
    return kinds.length < 2 ? '' : parameters.map((p) => kinds.indexOf(this.#counts.get(p))).join();
  }

  #addMembers(members: Member[], group: Group, cohort: readonly Parameter[]): void {
    const { scalars, init } = this.#rules;
    const first = cohort[0];
    const options = this.#structure(group);
    const names = Object.keys(scalars(group as never, ...this.#next(group, first)));
    const count = (counts: Counts | undefined) => {
      for (const p of cohort) this.#counts.set(p, counts);
    };
    const float64 = cohort.some((p) => p.dtype === 'float64');
    const values = hostScalars(
      names.length,
      () => {
        const before = this.#counts.get(first);
        const [step, counts] = this.#next(group, first);
        count(counts);
        undoIfItFails(() => {
          count(before);
        });
        return Object.values(scalars(group as never, step, counts));
      },
      float64 ? 'float64' : 'float32',
    );
    const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    for (const p of cohort) {
      let state = this.#state.get(p);
      if (state === undefined) {
        state = Object.fromEntries(Object.entries(init(p, options as never)).map(([k, t]) => [k, variable(t)]));
        for (const [k, v] of Object.entries(state)) v.name = `${k} of ${p.name ?? 'a parameter'}`;
        this.#state.set(p, state);
      }
      const gradient = options['maximize'] === true ? p.grad!.neg() : p.grad!;
      members.push({ parameter: p, gradient, state, scalars: named, options });
    }
  }

  /** The step that a parameter is about to take, from 1, and the numbers that come with it. */
  #next(group: Group, p: Parameter): [step: number, counts: never] {
    const { counts } = this.#rules;
    const before = this.#counts.get(p) ?? { step: 0, ...counts?.start };
    const step = before['step'] + 1;
    return [step, { step, ...counts?.next(group as never, step, before as never) } as never];
  }

  /** Writes what an update gave for a parameter. */
  protected write({ parameter, state }: Member, next: Updated): void {
    if (next.parameter !== undefined) assign(parameter, next.parameter);
    for (const [k, v] of Object.entries(state)) {
      const value = next.state?.[k];
      if (value === undefined) throw new KindlingError(`${this.optimizerName}: update returned no '${k}' in its state`);
      if (value !== v) assign(v, value);
    }
  }

  /** The state of a parameter that has taken a step, and its group. */
  protected stateOf(): { parameter: Parameter; state: Record<string, Variable>; options: Options }[] {
    return this.#groups.flatMap((options) =>
      options.params.flatMap((parameter) => {
        const state = this.#counts.get(parameter) && this.#state.get(parameter);
        return state === undefined ? [] : [{ parameter, state, options }];
      }),
    );
  }

  /** The options as `update` sees them: what it reads decides the program. */
  #structure(group: Group): Options {
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
    this.#groups.forEach((group, g) => {
      for (const [name, value] of Object.entries(optionsOf(group, this.#schema)))
        if (typeof value === 'number' || (Array.isArray(value) && value.every((x) => typeof x === 'number')))
          out[`groups.${g}.${name}`] = tensor(value, { dtype: 'float64' });
      for (const p of group.params) {
        const counts = this.#counts.get(p);
        for (const [k, x] of Object.entries(counts ?? {})) out[`state.${index}.${k}`] = tensor(x, { dtype: 'float64' });
        for (const [k, v] of Object.entries((counts && this.#state.get(p)) ?? {})) out[`state.${index}.${k}`] = v;
        index += 1;
      }
    });
    return out;
  }

  to(backend: Backend): Promise<void> {
    return moveVariables([...Object.values(this.stateDict()), ...this.aside()], backend);
  }
  /** Further variables that go with the state. */
  protected aside(): Iterable<Variable> {
    return [];
  }

  loadStateDict(state: Record<string, Tensor>): void {
    this.load(state, []);
  }

  /** Checks everything before anything is changed; `changes` are those that others have found. */
  protected load(state: Record<string, Tensor>, changes: (() => void)[]): void {
    const { name, init, counts } = this.#rules;
    const fail = (why: string): never => {
      throw new KindlingError(`${name}.loadStateDict: ${why}`);
    };
    const known = new Set<string>();
    const take = (key: string, isNeeded: boolean): Tensor | undefined => {
      known.add(key);
      if (state[key] === undefined && isNeeded)
        fail(`'${key}' is missing; the state was saved with other options or by another optimizer`);
      return state[key];
    };
    const alike = new Map<string, Counts>();
    let index = 0;
    this.#groups.forEach((group, g) => {
      for (const option of Object.keys(this.#schema.fields)) {
        const saved = take(`groups.${g}.${option}`, false);
        if (saved === undefined) continue;
        const data = Array.from(saved.dataSync() as Float64Array);
        changes.push(() => {
          group[option] = saved.shape.length === 0 ? data[0] : data;
        });
      }
      for (const p of group.params) {
        const prefix = `state.${index++}.`;
        const template = noGrad(() => init(p, group as never));
        const stepped = state[`${prefix}step`] !== undefined;
        const numbers: Record<string, number> = {};
        for (const k of Object.keys({ step: 0, ...counts?.start })) {
          const saved = take(prefix + k, stepped);
          if (saved !== undefined) numbers[k] = Number(saved.dataSync()[0]);
        }
        const loaded: Record<string, Variable> = {};
        for (const [k, t] of Object.entries(template)) {
          const saved = take(prefix + k, stepped);
          if (saved === undefined) continue;
          if (!sameShape(saved.shape, t.shape))
            fail(
              `'${prefix}${k}' has shape ${showShape(saved.shape)}, the parameter needs ${showShape(t.shape)}; the groups differ`,
            );
          loaded[k] = variable(saved.to(t.dtype));
        }
        const key = Object.values(numbers).join();
        if (!alike.has(key)) alike.set(key, numbers);
        changes.push(() => {
          const present = this.#state.get(p);
          if (stepped) {
            this.#counts.set(p, alike.get(key));
            if (present === undefined) this.#state.set(p, loaded);
          } else this.#counts.delete(p);
          // in place: a step that was compiled before goes on with these variables
          for (const [k, v] of Object.entries(present ?? {})) assign(v, stepped ? loaded[k] : template[k]);
        });
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
function optionsOf(group: Group, schema: OptionsSchema<Fields>): Options {
  return Object.fromEntries(Object.keys(schema.fields).map((name) => [name, group[name]]));
}

import { KindlingError } from '../errors.js';
import { currentTrace } from '../evaluate.js';
import { stack, zerosLike } from '../functions.js';
import { enableGrad } from '../node.js';
import type { Fields, OptionsSchema } from '../options.js';
import { sameShape } from '../shape.js';
import { tensor, type Tensor } from '../tensor.js';
import { assign, type Parameter, type Variable, variable } from '../variable.js';
import { GroupedOptimizer, type Rules } from './groupedOptimizer.js';
import { named, withPrefix } from './modelOptimizer.js';
import type { Closure } from './optimizer.js';

/** Tensors of the whole model by name, and lists of them. All are saved with the state. */
export class ModelState {
  readonly #entries = new Map<string, Variable>();
  readonly #lists = new Map<string, Variable[]>();

  get(name: string): Tensor | undefined {
    return this.#entries.get(name);
  }
  set(name: string, value: Tensor): void {
    let v = this.#entries.get(name);
    if (v === undefined || !sameShape(v.shape, value.shape) || v.dtype !== value.dtype)
      this.#entries.set(name, (v = named(variable(zerosLike(value)), name)));
    assign(v, value);
  }
  list(name: string): readonly Tensor[] {
    return this.#lists.get(name) ?? [];
  }
  /** Appends a tensor; where there are `limit` already, the first one goes. */
  push(name: string, value: Tensor, limit: number): void {
    const list = this.#lists.get(name) ?? [];
    this.#lists.set(name, list);
    // the memory of the first is used again
    const [v = named(variable(zerosLike(value)), name)] = list.splice(0, Math.max(0, 1 + list.length - limit));
    assign(v, value);
    list.push(v);
  }
  clear(name: string): void {
    this.#lists.delete(name);
  }

  entries(): Record<string, Tensor> {
    const out: Record<string, Tensor> = Object.fromEntries(this.#entries);
    for (const [name, list] of this.#lists) list.forEach((v, i) => (out[`${name}.${i}`] = v));
    return out;
  }
  load(saved: Record<string, Tensor>): void {
    for (const name of this.#entries.keys()) if (saved[name] === undefined) this.#entries.delete(name);
    this.#lists.clear();
    const lists = new Map<string, Tensor[]>();
    for (const [key, value] of Object.entries(saved)) {
      const [, name, index] = /^(.*)\.(\d+)$/.exec(key) ?? [];
      if (index === undefined) this.set(key, value);
      else {
        const list = lists.get(name) ?? [];
        lists.set(name, list);
        list[Number(index)] = value; // a file may have them in another order
      }
    }
    for (const [name, list] of lists) for (const value of list) this.push(name, value, list.length);
  }
}

export interface HostRules extends Rules {
  readonly numbers: Readonly<Record<string, number>>;
  readonly step: (a: never) => Promise<void>;
}

/** An optimizer whose step is a program on the host, which reads numbers to decide how to go on. */
export class HostDrivenOptimizer extends GroupedOptimizer {
  readonly compiles = false;
  readonly #hostRules: HostRules;
  readonly #state = new ModelState();
  #numbers: Record<string, number>;

  constructor(
    rules: HostRules,
    schema: OptionsSchema<Fields>,
    params: Iterable<Parameter>,
    options: Record<string, unknown>,
  ) {
    super(rules, schema, params, options);
    if (this.groups.length > 1)
      throw new KindlingError(
        `${rules.name}: there are ${this.groups.length} groups; its step is one for all parameters, so give one group`,
      );
    this.#hostRules = rules;
    this.#numbers = { ...rules.numbers };
  }

  async step(closure?: Closure): Promise<Tensor> {
    const { name, step } = this.#hostRules;
    if (currentTrace() !== undefined)
      throw new KindlingError(
        `${name}: a step reads numbers, so it cannot be within a compiled function; compile the closure instead, or use compileStep`,
      );
    if (closure === undefined)
      throw new KindlingError(
        `${name}: a step computes the loss several times; call step(closure) with a function that clears the ` +
          `gradients, computes the loss, calls backward and returns the loss`,
      );
    const [group] = this.groups;
    let first: Tensor | undefined;
    const evaluate = (values: readonly Tensor[] = []) => {
      values.forEach((v, i) => {
        assign(group.params[i], v);
      });
      const loss = enableGrad(closure);
      first ??= loss;
      const up = group['maximize'] === true;
      const gradients = group.params.map((p) => (up ? p.grad?.neg() : p.grad));
      return { loss: up ? loss.neg() : loss, gradients };
    };
    await step({
      options: group,
      parameters: group.params,
      numbers: this.#numbers,
      state: this.#state,
      evaluate,
      read,
    } as never);
    if (first === undefined) throw new KindlingError(`${name}: a step has not evaluated the closure`);
    return first;
  }

  train(): void {}

  override stateDict(): Record<string, Tensor> {
    const numbers = Object.entries(this.#numbers).map(([k, x]) => [k, tensor(x, { dtype: 'float64' })] as const);
    const shared = { ...Object.fromEntries(numbers), ...this.#state.entries() };
    return { ...super.stateDict(), ...Object.fromEntries(Object.entries(shared).map(([k, t]) => [`shared.${k}`, t])) };
  }
  override loadStateDict(state: Record<string, Tensor>): void {
    const [shared, rest] = withPrefix('shared.', state);
    const numbers = { ...this.#hostRules.numbers };
    const tensors: Record<string, Tensor> = {};
    for (const [k, t] of Object.entries(shared))
      if (k in numbers) numbers[k] = Number(t.dataSync()[0]);
      else tensors[k] = t;
    const change = (): void => {
      this.#numbers = numbers;
      this.#state.load(tensors);
    };
    this.load(rest, [change]);
  }
}

/** Several 0-d tensors of one dtype, read at once. */
async function read(...tensors: readonly Tensor[]): Promise<number[]> {
  return Array.from(await stack(tensors.map((t) => t.reshape([]))).data());
}

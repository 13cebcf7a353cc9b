import { commit } from '../evaluate.js';
import { noGrad } from '../node.js';
import { zerosLike } from '../functions.js';
import type { Tensor } from '../tensor.js';
import { assign, type Parameter, type Variable, variable } from '../variable.js';

/** Copies of tensors in memory of their own, for what must outlive an evaluation. */
export class Copies<K extends object> {
  readonly #made = new Map<K, Variable>();

  /** The value that `source` has now, until the next copy under this key. */
  take(key: K, source: Tensor): Variable {
    let copy = this.#made.get(key);
    if (copy === undefined) this.#made.set(key, (copy = variable(zerosLike(source))));
    assign(copy, source);
    return copy;
  }
  all(): Iterable<Variable> {
    return this.#made.values();
  }
}

/** Puts other weights into parameters, and those that were trained back again, to the last bit. */
export class EvaluationWeights {
  readonly #copies = new Copies<Parameter>();
  #trained: readonly (readonly [Parameter, Variable])[] | undefined;

  /** Whether the parameters hold the others. */
  get active(): boolean {
    return this.#trained !== undefined;
  }

  put(weights: readonly (readonly [Parameter, Tensor])[]): void {
    if (this.active) return;
    noGrad(() => {
      // all are computed from what is there before anything is overwritten
      this.#trained = weights.map(([p]) => [p, this.#copies.take(p, p)]);
      for (const [p, w] of weights) assign(p, w);
    });
    commit();
  }
  restore(): void {
    noGrad(() => {
      for (const [p, before] of this.#trained ?? []) assign(p, before);
    });
    this.forget();
    commit();
  }
  /** The trained ones, where the parameters do not hold them. */
  aside(): Iterable<Variable> {
    return this.#copies.all();
  }
  /** What the parameters hold is from now on what is trained. */
  forget(): void {
    this.#trained = undefined;
  }
}

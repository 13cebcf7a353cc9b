import { type DType, showShape, type Tensor, tensor, type TypedArray } from '@kindling/core';
import type { Generator } from './generator.js';
import { randomShape, randomValues } from './values.js';

interface Leaf {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: TypedArray;
}
type Recipe = (pool: readonly Tensor[]) => Tensor;

/** The tensors of an expression that grows: leaves, and what was computed from earlier ones. */
export class Pool {
  /** For their shapes and dtypes only; nothing is evaluated. */
  readonly tensors: Tensor[] = [];
  readonly leaves: Leaf[] = [];
  readonly lines: string[] = [];
  steps = 0;
  readonly #recipes: (Recipe | number)[] = [];
  readonly #used = new Set<number>();

  constructor(
    readonly random: Generator,
    readonly dtypes: readonly DType[],
    readonly elements: number,
  ) {
    for (let i = random.integer(1, 4); i > 0; i--) this.leaf(randomShape(random, elements), random.pick(dtypes));
  }

  /** A new leaf, unless it would be too large. */
  leaf(
    shape: readonly number[],
    dtype: DType,
    values: TypedArray = randomValues(this.random, shape, dtype),
  ): number | undefined {
    if (values.length > this.elements) return undefined;
    this.#recipes.push(this.leaves.length);
    this.leaves.push({ shape, dtype, values });
    const t = tensor(values, { shape, dtype });
    this.lines.push(`t${this.tensors.length} = ${dtype} ${showShape(shape)} [${values.slice(0, 12).join(', ')}${values.length > 12 ? ', …' : ''}]`); // prettier-ignore
    return this.tensors.push(t) - 1;
  }

  /** Notes how a tensor is computed from those of `inputs`, unless it would be too large or of another dtype. */
  add(text: string, given: readonly (number | undefined)[], recipe: (...operands: Tensor[]) => Tensor): void {
    const inputs = given.filter((i) => i !== undefined);
    if (inputs.length < given.length) return; // there was no room for a leaf
    const made: Recipe = (pool) => recipe(...inputs.map((i) => pool[i]));
    const t = made(this.tensors);
    if (t.size > this.elements || !this.dtypes.includes(t.dtype)) return;
    for (const i of inputs) this.#used.add(i);
    this.#recipes.push(made);
    this.lines.push(`t${this.tensors.length} = ${text}(${inputs.map((i) => `t${i}`).join(', ')})   ${t.dtype} ${showShape(t.shape)}`); // prettier-ignore
    this.tensors.push(t);
    this.steps += 1;
  }

  /** A tensor that fulfils the condition, rather a late one; undefined where there is none. */
  pick(condition: (t: Tensor) => boolean = () => true): number | undefined {
    const fitting = [...this.tensors.keys()].filter((i) => condition(this.tensors[i]));
    if (fitting.length === 0) return undefined;
    return fitting[Math.max(this.random.integer(0, fitting.length), this.random.integer(0, fitting.length))];
  }

  /** What nothing was computed from, and a few others. */
  results(): number[] {
    const computed = [...this.tensors.keys()].filter((i) => typeof this.#recipes[i] !== 'number');
    return computed.filter((i) => !this.#used.has(i) || this.random.chance(0.15));
  }

  build(leaves: readonly Tensor[], results: readonly number[]): Tensor[] {
    const pool: Tensor[] = [];
    for (const recipe of this.#recipes) pool.push(typeof recipe === 'number' ? leaves[recipe] : recipe(pool));
    return results.map((i) => pool[i]);
  }
}

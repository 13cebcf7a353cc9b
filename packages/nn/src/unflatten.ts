import { KindlingError, showShape, sizeOf, type Tensor } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { type Description, Module } from './module.js';

/** See `unflatten`. */
export class Unflatten extends Module {
  readonly sizes: readonly number[];

  constructor(
    readonly dim: number,
    sizes: readonly number[],
  ) {
    super();
    requireSize('unflatten', 'dim', dim, 0);
    for (const size of sizes) requireSize('unflatten', 'a size', size);
    this.sizes = [...sizes];
  }
  override forward(input: Tensor): Tensor {
    const { shape } = input;
    const { dim, sizes } = this;
    if (shape[dim] !== sizeOf(sizes))
      throw new KindlingError(
        `unflatten: dimension ${dim} of the input of shape ${showShape(shape)} does not divide into ${showShape(sizes)}`,
      );
    return input.reshape([...shape.slice(0, dim), ...sizes, ...shape.slice(dim + 1)]);
  }
  override describe(): Description {
    return { type: 'unflatten', dim: this.dim, sizes: this.sizes };
  }
}

/** One dimension as several of the given sizes: rows of a table as planes, `unflatten(1, [1, 8, 8])`. */
export function unflatten(dim: number, sizes: readonly number[]): Unflatten {
  return new Unflatten(dim, sizes);
}

import { KindlingError, type Parameter, parameter, randn, showShape, type Tensor } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { type Description, Module } from './module.js';

/** See `embedding`. */
export class Embedding extends Module {
  /** [count, width]. */
  readonly weight: Parameter;

  constructor(
    readonly count: number,
    readonly width: number,
  ) {
    super();
    requireSize('embedding', 'count', count);
    requireSize('embedding', 'width', width);
    this.weight = parameter(randn([count, width]));
  }
  override forward(input: Tensor): Tensor {
    if (input.dtype !== 'int32' && input.dtype !== 'uint32')
      throw new KindlingError(
        `embedding: the input of shape ${showShape(input.shape)} holds ${input.dtype}, but indices are integers; use to('int32')`,
      );
    return this.weight.indexSelect(0, input.reshape(-1)).reshape(...input.shape, this.width);
  }
  override describe(): Description {
    return { type: 'embedding', count: this.count, width: this.width };
  }
}

/** A learned vector for each of `count` indices: int32 [*] to [*, width]. Starts as N(0, 1). */
export function embedding(count: number, width: number): Embedding {
  return new Embedding(count, width);
}

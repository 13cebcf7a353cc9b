import { type Tensor } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { type Description, Module } from './module.js';

/** See `flatten`. */
export class Flatten extends Module {
  constructor(readonly from = 1) {
    super();
    requireSize('flatten', 'from', from, 0);
  }
  override forward(input: Tensor): Tensor {
    return input.flatten(this.from);
  }
  override describe(): Description {
    return { type: 'flatten', from: this.from };
  }
}

/** All dimensions from `from` (default 1: all but the batch) as one. */
export function flatten(from?: number): Flatten {
  return new Flatten(from);
}

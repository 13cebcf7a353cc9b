import { KindlingError, rand, type Tensor, where } from '@kindling/core';
import { type Description, Module } from './module.js';

/** See `dropout`. */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1))
      throw new KindlingError(`dropout: p is the probability of dropping, from 0 to 1, got ${String(p)}`);
  }
  override forward(input: Tensor): Tensor {
    if (!this.training || this.p === 0) return input;
    if (this.p === 1) return input.mul(0);
    const kept = rand(input.shape).ge(this.p);
    return where(kept, input.mul(1 / (1 - this.p)), 0);
  }
  override describe(): Description {
    return { type: 'dropout', p: this.p };
  }
}

/** In training, sets each element to 0 with probability `p` (default 0.5) and scales the others by 1 / (1 − p). */
export function dropout(p?: number): Dropout {
  return new Dropout(p);
}

import { KindlingError, ones, type Parameter, parameter, showShape, type Tensor } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { normalizeSize } from './common/standardize.js';
import { type Description, Module } from './module.js';

export interface RmsNormOptions {
  /** Added to the mean square. Default 2⁻²³, the spacing of float32 at 1. */
  eps?: number;
  /** Whether there is a weight. Default true. */
  affine?: boolean;
}

/** See `rmsNorm`. */
export class RmsNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly shape: readonly number[];
  readonly eps: number;

  constructor(shape: number | readonly number[], options: RmsNormOptions = {}) {
    super();
    this.shape = typeof shape === 'number' ? [shape] : [...shape];
    if (this.shape.length === 0) throw new KindlingError('rmsNorm: needs the size of at least one dimension');
    for (const size of this.shape) requireSize('rmsNorm', 'the size of a dimension', size);
    this.eps = options.eps ?? 2 ** -23;
    this.weight = options.affine === false ? undefined : parameter(ones(this.shape));
  }
  override forward(input: Tensor): Tensor {
    const first = input.shape.length - this.shape.length;
    if (!this.shape.every((size, d) => input.shape[first + d] === size))
      throw new KindlingError(
        `rmsNorm: the input has shape ${showShape(input.shape)}, but its last dimensions must be ${showShape(this.shape)}`,
      );
    const normal = normalizeSize(input, this.shape.map((_, d) => first + d), this.eps); // prettier-ignore
    return this.weight === undefined ? normal : normal.mul(this.weight);
  }
  override describe(): Description {
    return { type: 'rmsNorm', shape: this.shape, eps: this.eps, affine: this.weight !== undefined };
  }
}

/** x / √(mean(x²) + eps) over the last dimensions, of the given sizes, with a learned scale. */
export function rmsNorm(shape: number | readonly number[], options?: RmsNormOptions): RmsNorm {
  return new RmsNorm(shape, options);
}

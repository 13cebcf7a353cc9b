import { KindlingError, ones, type Parameter, parameter, showShape, type Tensor, zeros } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { standardize } from './common/standardize.js';
import { type Description, Module } from './module.js';

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether there are a weight and a bias. Default true. */
  affine?: boolean;
}

/** See `layerNorm`. */
export class LayerNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly shape: readonly number[];
  readonly eps: number;

  constructor(shape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    this.shape = typeof shape === 'number' ? [shape] : [...shape];
    if (this.shape.length === 0) throw new KindlingError('layerNorm: needs the size of at least one dimension');
    for (const size of this.shape) requireSize('layerNorm', 'the size of a dimension', size);
    this.eps = options.eps ?? 1e-5;
    const affine = options.affine !== false;
    this.weight = affine ? parameter(ones(this.shape)) : undefined;
    this.bias = affine ? parameter(zeros(this.shape)) : undefined;
  }
  override forward(input: Tensor): Tensor {
    const first = input.shape.length - this.shape.length;
    if (!this.shape.every((size, d) => input.shape[first + d] === size))
      throw new KindlingError(
        `layerNorm: the input has shape ${showShape(input.shape)}, but its last dimensions must be ${showShape(this.shape)}`,
      );
    const dims = this.shape.map((_, d) => first + d);
    const normal = standardize(input, dims, this.eps);
    return this.weight === undefined ? normal : normal.mul(this.weight).add(this.bias!);
  }
  override describe(): Description {
    return { type: 'layerNorm', shape: this.shape, eps: this.eps, affine: this.weight !== undefined };
  }
}

/** (x − mean) / √(variance + eps) over the last dimensions, of the given sizes, with a learned scale and shift. */
export function layerNorm(shape: number | readonly number[], options?: LayerNormOptions): LayerNorm {
  return new LayerNorm(shape, options);
}

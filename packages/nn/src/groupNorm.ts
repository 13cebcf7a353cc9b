import { KindlingError, ones, type Parameter, parameter, showShape, type Tensor, zeros } from '@kindling/core';
import { requireSize } from './common/requireSize.js';
import { standardize } from './common/standardize.js';
import { type Description, Module } from './module.js';

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether there are a weight and a bias for each feature. Default true. */
  affine?: boolean;
}

/** See `groupNorm`. */
export class GroupNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly eps: number;

  constructor(
    readonly groups: number,
    readonly features: number,
    options: GroupNormOptions = {},
  ) {
    super();
    requireSize('groupNorm', 'groups', groups);
    requireSize('groupNorm', 'features', features);
    if (features % groups !== 0)
      throw new KindlingError(`groupNorm: ${features} features cannot be divided into ${groups} groups`);
    this.eps = options.eps ?? 1e-5;
    const affine = options.affine !== false;
    this.weight = affine ? parameter(ones([features])) : undefined;
    this.bias = affine ? parameter(zeros([features])) : undefined;
  }
  override forward(input: Tensor): Tensor {
    const { shape } = input;
    const { groups, features } = this;
    if (shape.length < 2 || shape[1] !== features)
      throw new KindlingError(`groupNorm: the input has shape ${showShape(shape)}; it must be [batch, ${features}, …]`);
    const split = input.reshape([shape[0], groups, features / groups, ...shape.slice(2)]);
    const dims = split.shape.flatMap((_, d) => (d >= 2 ? [d] : []));
    const normal = standardize(split, dims, this.eps);
    if (this.weight === undefined) return normal.reshape(shape);
    const whole = split.shape.map((size, d) => (d === 1 || d === 2 ? size : 1));
    return normal.mul(this.weight.reshape(whole)).add(this.bias!.reshape(whole)).reshape(shape);
  }
  override describe(): Description {
    const { groups, features, eps } = this;
    return { type: 'groupNorm', groups, features, eps, affine: this.weight !== undefined };
  }
}

/** Each group of features (dimension 1) of each sample with mean 0 and variance 1, then a learned scale and shift. */
export function groupNorm(groups: number, features: number, options?: GroupNormOptions): GroupNorm {
  return new GroupNorm(groups, features, options);
}

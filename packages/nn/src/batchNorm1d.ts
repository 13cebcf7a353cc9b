import { assign, KindlingError, noGrad, ones, type Parameter, parameter, showShape, type Tensor, type Variable, variable, zeros } from '@kindling/core'; // prettier-ignore
import { requireSize } from './common/requireSize.js';
import { type Description, Module } from './module.js';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** The share of the new batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Whether there are a weight and a bias. Default true. */
  affine?: boolean;
  /** Whether evaluation uses running statistics instead of those of the batch. Default true. */
  trackRunningStats?: boolean;
}

/** See `batchNorm1d`. */
export class BatchNorm1d extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Variable | undefined;
  readonly runningVar: Variable | undefined;
  readonly eps: number;
  readonly momentum: number;

  constructor(
    readonly features: number,
    options: BatchNormOptions = {},
  ) {
    super();
    requireSize('batchNorm1d', 'features', features);
    this.eps = options.eps ?? 1e-5;
    this.momentum = options.momentum ?? 0.1;
    if (options.affine !== false) {
      this.weight = parameter(ones([features]));
      this.bias = parameter(zeros([features]));
    }
    if (options.trackRunningStats !== false) {
      this.runningMean = variable(zeros([features]));
      this.runningVar = variable(ones([features]));
    }
  }
  override forward(input: Tensor): Tensor {
    const { shape } = input;
    if ((shape.length !== 2 && shape.length !== 3) || shape[1] !== this.features)
      throw new KindlingError(
        `batchNorm1d: the input has shape ${showShape(shape)}; it must be [batch, ${this.features}] or [batch, ${this.features}, length]`,
      );
    const dims = shape.length === 2 ? [0] : [0, 2];
    const whole = shape.length === 2 ? [1, this.features] : [1, this.features, 1];
    let mean: Tensor;
    let variance: Tensor;
    let centered: Tensor;
    if (this.training || this.runningMean === undefined) {
      const count = dims.reduce((n, d) => n * shape[d], 1);
      if (this.training && count < 2)
        throw new KindlingError(
          `batchNorm1d: a batch of shape ${showShape(shape)} has one value a feature, which has no variance; train on ` +
            `batches of at least 2 rows (the last, smaller one can be left out with dropLast)`,
        );
      mean = input.mean(dims, { keepDim: true });
      centered = input.sub(mean);
      variance = centered.mul(centered).mean(dims, { keepDim: true });
      if (this.training && this.runningMean !== undefined) this.#track(mean, variance, count / (count - 1));
    } else {
      mean = this.runningMean.reshape(whole);
      variance = this.runningVar!.reshape(whole);
      centered = input.sub(mean);
    }
    const normal = centered.div(variance.add(this.eps).sqrt());
    if (this.weight === undefined) return normal;
    return normal.mul(this.weight.reshape(whole)).add(this.bias!.reshape(whole));
  }
  /** The running variance takes the unbiased estimate, as PyTorch's does. */
  #track(mean: Tensor, variance: Tensor, unbiased: number): void {
    const { runningMean, runningVar, momentum, features } = this;
    noGrad(() => {
      const next = (running: Tensor, batch: Tensor): Tensor =>
        running.mul(1 - momentum).add(batch.detach().reshape(features).mul(momentum));
      assign(runningMean!, next(runningMean!, mean));
      assign(runningVar!, next(runningVar!, variance.mul(unbiased)));
    });
  }
  override describe(): Description {
    const { features, eps, momentum } = this;
    const [affine, trackRunningStats] = [this.weight !== undefined, this.runningMean !== undefined];
    return { type: 'batchNorm1d', features, eps, momentum, affine, trackRunningStats };
  }
}

/**
 * Each feature (dimension 1 of [b, features] or [b, features, length]) with mean 0 and variance 1 over the batch, then
 * a learned scale and shift. In evaluation running statistics take the place of the batch's.
 */
export function batchNorm1d(features: number, options?: BatchNormOptions): BatchNorm1d {
  return new BatchNorm1d(features, options);
}

import { assign, KindlingError, noGrad, ones, type Parameter, parameter, showShape, type Tensor, type Variable, variable, zeros } from '@kindling/core'; // prettier-ignore
import { type Description, Module } from '../module.js';
import { requireSize } from './requireSize.js';
import { moments, standardize } from './standardize.js';

export interface ChannelNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** The share of the new batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Whether there are a weight and a bias. */
  affine?: boolean;
  /** Whether evaluation uses running statistics instead of those of the batch. */
  trackRunningStats?: boolean;
}

/** Normalises each channel (dimension 1), over the whole batch or each sample by itself; see `batchNorm1d`, `instanceNorm1d`. */
export class ChannelNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Variable | undefined;
  readonly runningVar: Variable | undefined;
  readonly eps: number;
  momentum: number;

  constructor(
    readonly type: string,
    readonly features: number,
    /** How many dimensions the input may have, the batch included, and what they are. */
    readonly dimensions: readonly string[][],
    readonly perSample: boolean,
    options: ChannelNormOptions,
  ) {
    super();
    requireSize(type, 'features', features);
    this.eps = options.eps ?? 1e-5;
    this.momentum = options.momentum ?? 0.1;
    if (options.affine === true) {
      this.weight = parameter(ones([features]));
      this.bias = parameter(zeros([features]));
    }
    if (options.trackRunningStats === true) {
      this.runningMean = variable(zeros([features]));
      this.runningVar = variable(ones([features]));
    }
  }
  override forward(input: Tensor): Tensor {
    const { shape } = input;
    const { features, type, perSample } = this;
    const names = this.dimensions.find((list) => list.length === shape.length);
    const channel = names?.indexOf('features') ?? -1;
    if (names === undefined || shape[channel] !== features)
      throw new KindlingError(
        `${type}: the input has shape ${showShape(shape)}; it must be ` +
          this.dimensions
            .map((list) => `[${list.map((n) => (n === 'features' ? features : n)).join(', ')}]`)
            .join(' or '),
      );
    const dims = shape.flatMap((_, d) => (d > channel || (d < channel && !perSample) ? [d] : []));
    const whole = shape.map((size, d) => (d === channel ? size : 1));
    const [weight, bias] = [this.weight?.reshape(whole), this.bias?.reshape(whole)];
    if (this.training || this.runningMean === undefined) {
      const count = dims.reduce((n, d) => n * shape[d], 1);
      if (this.training && count < 2)
        throw new KindlingError(
          `${type}: a batch of shape ${showShape(shape)} has one value ${perSample ? 'a sample and ' : 'a '}feature, which has no variance; ` +
            (perSample
              ? 'it needs more than one position'
              : 'train on batches of at least 2 rows (the last, smaller one can be left out with dropLast)'),
        );
      if (this.training && this.runningMean !== undefined) this.#track(input, dims, count / (count - 1));
      return standardize(input, dims, this.eps, weight, bias);
    }
    const variance = this.runningVar!.reshape(whole);
    const normal = input.sub(this.runningMean.reshape(whole)).div(variance.add(this.eps).sqrt());
    return weight === undefined ? normal : normal.mul(weight).add(bias!);
  }
  /** The running variance takes the unbiased estimate, as PyTorch's does; of samples by themselves the mean of theirs. */
  #track(input: Tensor, dims: readonly number[], unbiased: number): void {
    const { runningMean, runningVar, momentum, features } = this;
    noGrad(() => {
      const { mean, variance } = moments(input.detach(), dims);
      const next = (running: Tensor, batch: Tensor): Tensor => {
        const rows = batch.reshape([batch.size / features, features]);
        return running
          .mul(1 - momentum)
          .add((rows.shape[0] === 1 ? rows.reshape(features) : rows.mean(0)).mul(momentum));
      };
      assign(runningMean!, next(runningMean!, mean));
      assign(runningVar!, next(runningVar!, variance.mul(unbiased)));
    });
  }
  override describe(): Description {
    const { type, features, eps, momentum } = this;
    const [affine, trackRunningStats] = [this.weight !== undefined, this.runningMean !== undefined];
    return { type, features, eps, momentum, affine, trackRunningStats };
  }
}

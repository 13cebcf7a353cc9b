import { KindlingError, full, randn, showShape, type Tensor, uniform as uniformNumbers } from '@kindling/core';

/** Which side of a weight the variance is kept on: that of the inputs, or that of the outputs. */
export type FanMode = 'fanIn' | 'fanOut';
/** What follows the layer; it decides the gain. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

export interface KaimingOptions {
  /** The slope of leakyRelu for negative inputs. Default 0. */
  a?: number;
  /** Default 'fanIn'. */
  mode?: FanMode;
  /** Default 'leakyRelu'. */
  nonlinearity?: Nonlinearity;
}

/** PyTorch's `calculate_gain`. `a` is the slope of leakyRelu, 0.01 where not given. */
export function gainOf(nonlinearity: Nonlinearity, a = 0.01): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + a * a));
    case 'selu':
      return 3 / 4;
    default:
      return 1;
  }
}

/** Inputs and outputs of a weight [out, in, …]: the further dimensions multiply both. */
function fans(operation: string, shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new KindlingError(
      `${operation}: a weight of shape ${showShape(shape)} has no inputs and outputs to count; it needs 2 dimensions or more`,
    );
  const field = shape.slice(2).reduce((product, size) => product * size, 1);
  return { fanIn: shape[1] * field, fanOut: shape[0] * field };
}

/** U(−bound, bound) with bound = gain · √(3 / fan). */
export function kaimingUniform(shape: readonly number[], options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd('kaimingUniform', shape, options);
  return uniformNumbers(shape, -bound, bound);
}
/** N(0, gain² / fan). */
export function kaimingNormal(shape: readonly number[], options: KaimingOptions = {}): Tensor {
  return randn(shape).mul(kaimingStd('kaimingNormal', shape, options));
}
function kaimingStd(operation: string, shape: readonly number[], options: KaimingOptions): number {
  const { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' } = options;
  return gainOf(nonlinearity, a) / Math.sqrt(fans(operation, shape)[mode]);
}

/** U(−bound, bound) with bound = gain · √(6 / (fanIn + fanOut)). Default gain 1. */
export function xavierUniform(shape: readonly number[], options: { gain?: number } = {}): Tensor {
  const bound = Math.sqrt(3) * xavierStd('xavierUniform', shape, options.gain);
  return uniformNumbers(shape, -bound, bound);
}
/** N(0, gain² · 2 / (fanIn + fanOut)). Default gain 1. */
export function xavierNormal(shape: readonly number[], options: { gain?: number } = {}): Tensor {
  return randn(shape).mul(xavierStd('xavierNormal', shape, options.gain));
}
function xavierStd(operation: string, shape: readonly number[], gain = 1): number {
  const { fanIn, fanOut } = fans(operation, shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** U(low, high). Default 0 and 1. */
export function uniform(shape: readonly number[], low = 0, high = 1): Tensor {
  return uniformNumbers(shape, low, high);
}
/** N(mean, std²). Default 0 and 1. */
export function normal(shape: readonly number[], mean = 0, std = 1): Tensor {
  return randn(shape).mul(std).add(mean);
}
export { ones, zeros } from '@kindling/core';
export function constant(shape: readonly number[], value: number): Tensor {
  return full(shape, value);
}

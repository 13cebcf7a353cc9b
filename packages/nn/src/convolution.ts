import {
  conv1d as convolve1d,
  conv2d as convolve2d,
  conv3d as convolve3d,
  type ConvolutionOptions as CoreOptions,
  KindlingError,
  showShape,
  type Tensor,
} from '@kindling/core';
import { type ConvolutionFactory, ConvolutionModule } from './common/convolutionModule.js';
import { each, type Rank } from './common/each.js';
import { padAround, type PaddingMode } from './common/padAround.js';
import type { Description } from './module.js';

export interface ConvolutionLayerOptions extends CoreOptions {
  /** Default true. */
  readonly bias?: boolean;
  /** What stands around the input: zeros, its mirror image, its border, or its other side. Default 'zeros'. */
  readonly paddingMode?: PaddingMode;
}

const functions = { 1: convolve1d, 2: convolve2d, 3: convolve3d };

/** See `conv1d`, `conv2d` and `conv3d`. */
export class Convolution<R extends Rank = Rank> extends ConvolutionModule<R> {
  readonly padding: readonly number[] | 'same' | 'valid';
  readonly paddingMode: PaddingMode;

  constructor(
    rank: R,
    inputs: number,
    outputs: number,
    kernelSize: number | readonly number[],
    options: ConvolutionLayerOptions = {},
  ) {
    const name = `conv${rank}d`;
    super(name, rank, inputs, outputs, kernelSize, options, false);
    const { padding = 0, paddingMode = 'zeros' } = options;
    this.padding = typeof padding === 'string' ? padding : each(name, 'padding', padding, rank, 0);
    this.paddingMode = paddingMode;
    if (!['zeros', 'reflect', 'replicate', 'circular'].includes(paddingMode))
      throw new KindlingError(
        `${name}: paddingMode is ${String(paddingMode)}; it must be 'zeros', 'reflect', 'replicate' or 'circular'`,
      );
    if (typeof this.padding === 'string' && this.padding !== 'same' && this.padding !== 'valid')
      throw new KindlingError(`${name}: padding is ${String(this.padding)}; it must be numbers, 'same' or 'valid'`);
    if (this.padding === 'same' && this.stride.some((s) => s !== 1))
      throw new KindlingError(
        `${name}: padding 'same' is not defined for a stride of ${showShape(this.stride)}; give numbers`,
      );
  }
  override forward(input: Tensor): Tensor {
    const { rank, weight, bias, stride, dilation, groups, paddingMode } = this;
    let { padding } = this;
    if (paddingMode !== 'zeros' && padding !== 'valid') {
      const widths = this.kernelSize.map((k, d): readonly [number, number] => {
        if (typeof padding !== 'string') return [padding[d], padding[d]];
        const all = dilation[d] * (k - 1);
        return [Math.floor(all / 2), Math.ceil(all / 2)];
      });
      input = padAround(this.type, input, widths, paddingMode);
      padding = 'valid';
    }
    return functions[rank](input, weight, bias, { stride, padding, dilation, groups });
  }
  override describe(): Description {
    const { type, inputs, outputs, kernelSize, stride, padding, dilation, groups, paddingMode } = this;
    const bias = this.bias !== undefined;
    return { type, inputs, outputs, kernelSize, stride, padding, dilation, groups, bias, paddingMode };
  }
}

const ofRank =
  <R extends Rank>(rank: R): ConvolutionFactory<ConvolutionLayerOptions, Convolution<R>> =>
  (inputs, outputs, kernelSize, options) =>
    new Convolution(rank, inputs, outputs, kernelSize, options);

/**
 * A convolution over [batch, inputs, length] (or without the batch). Starts as PyTorch's: weight and bias from
 * U(−1/√n, 1/√n) with n = inputs / groups · kernelSize.
 */
export const conv1d = /* @__PURE__ */ ofRank(1);
/** A convolution over [batch, inputs, height, width] (or without the batch); see `conv1d`. */
export const conv2d = /* @__PURE__ */ ofRank(2);
/** A convolution over [batch, inputs, depth, height, width] (or without the batch); see `conv1d`. */
export const conv3d = /* @__PURE__ */ ofRank(3);

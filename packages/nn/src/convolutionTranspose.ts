import {
  convTranspose1d as spread1d,
  convTranspose2d as spread2d,
  convTranspose3d as spread3d,
  type ConvolutionTransposeOptions as CoreOptions,
  type Tensor,
} from '@kindling/core';
import { type ConvolutionFactory, ConvolutionModule } from './common/convolutionModule.js';
import { each, type Rank } from './common/each.js';
import type { Description } from './module.js';

export interface ConvolutionTransposeLayerOptions extends CoreOptions {
  /** Default true. */
  readonly bias?: boolean;
}

const functions = { 1: spread1d, 2: spread2d, 3: spread3d };

/** See `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export class ConvolutionTranspose<R extends Rank = Rank> extends ConvolutionModule<R> {
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];

  constructor(
    rank: R,
    inputs: number,
    outputs: number,
    kernelSize: number | readonly number[],
    options: ConvolutionTransposeLayerOptions = {},
  ) {
    const name = `convTranspose${rank}d`;
    super(name, rank, inputs, outputs, kernelSize, options, true);
    this.padding = each(name, 'padding', options.padding ?? 0, rank, 0);
    this.outputPadding = each(name, 'outputPadding', options.outputPadding ?? 0, rank, 0);
  }
  override forward(input: Tensor): Tensor {
    const { rank, weight, bias, stride, padding, outputPadding, dilation, groups } = this;
    return functions[rank](input, weight, bias, { stride, padding, outputPadding, dilation, groups });
  }
  override describe(): Description {
    const { type, inputs, outputs, kernelSize, stride, padding, outputPadding, dilation, groups } = this;
    const bias = this.bias !== undefined;
    return { type, inputs, outputs, kernelSize, stride, padding, outputPadding, dilation, groups, bias }; // prettier-ignore
  }
}

const ofRank =
  <R extends Rank>(rank: R): ConvolutionFactory<ConvolutionTransposeLayerOptions, ConvolutionTranspose<R>> =>
  (inputs, outputs, kernelSize, options) =>
    new ConvolutionTranspose(rank, inputs, outputs, kernelSize, options);

/**
 * A transposed convolution over [batch, inputs, length] (or without the batch). Starts as PyTorch's: weight and bias from
 * U(−1/√n, 1/√n) with n = outputs / groups · kernelSize.
 */
export const convTranspose1d = /* @__PURE__ */ ofRank(1);
/** A transposed convolution over [batch, inputs, height, width] (or without the batch); see `convTranspose1d`. */
export const convTranspose2d = /* @__PURE__ */ ofRank(2);
/** A transposed convolution over [batch, inputs, depth, height, width] (or without the batch); see `convTranspose1d`. */
export const convTranspose3d = /* @__PURE__ */ ofRank(3);

import {
  convTranspose1d as spread1d,
  convTranspose2d as spread2d,
  convTranspose3d as spread3d,
  type ConvolutionTransposeOptions as CoreOptions,
  KindlingError,
  type Parameter,
  parameter,
  type Tensor,
} from '@kindling/core';
import { each, type Rank } from './common/each.js';
import { requireSize } from './common/requireSize.js';
import { kaimingUniform, uniform } from './initialisers.js';
import { type Description, Module } from './module.js';

export interface ConvolutionTransposeLayerOptions extends CoreOptions {
  /** Default true. */
  readonly bias?: boolean;
}

const functions = { 1: spread1d, 2: spread2d, 3: spread3d };

/** See `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export class ConvolutionTranspose<R extends Rank = Rank> extends Module {
  /** [inputs, outputs / groups, ...kernelSize]. */
  readonly weight: Parameter;
  /** [outputs]. */
  readonly bias: Parameter | undefined;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;

  constructor(
    readonly rank: R,
    readonly inputs: number,
    readonly outputs: number,
    kernelSize: number | readonly number[],
    options: ConvolutionTransposeLayerOptions = {},
  ) {
    super();
    const name = `convTranspose${rank}d`;
    requireSize(name, 'inputs', inputs);
    requireSize(name, 'outputs', outputs);
    const { groups = 1 } = options;
    requireSize(name, 'groups', groups);
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new KindlingError(
        `${name}: ${inputs} inputs and ${outputs} outputs cannot be divided into ${groups} groups`,
      );
    this.kernelSize = each(name, 'kernelSize', kernelSize, rank, 1);
    this.stride = each(name, 'stride', options.stride ?? 1, rank, 1);
    this.padding = each(name, 'padding', options.padding ?? 0, rank, 0);
    this.outputPadding = each(name, 'outputPadding', options.outputPadding ?? 0, rank, 0);
    this.dilation = each(name, 'dilation', options.dilation ?? 1, rank, 1);
    this.groups = groups;
    const shape = [inputs, outputs / groups, ...this.kernelSize];
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1));
    this.weight = parameter(kaimingUniform(shape, { a: Math.sqrt(5) }));
    this.bias = options.bias === false ? undefined : parameter(uniform([outputs], -bound, bound));
  }
  override forward(input: Tensor): Tensor {
    const { rank, weight, bias, stride, padding, outputPadding, dilation, groups } = this;
    return functions[rank](input, weight, bias, { stride, padding, outputPadding, dilation, groups });
  }
  override describe(): Description {
    const { rank, inputs, outputs, kernelSize, stride, padding, outputPadding, dilation, groups } = this;
    const bias = this.bias !== undefined;
    return { type: `convTranspose${rank}d`, inputs, outputs, kernelSize, stride, padding, outputPadding, dilation, groups, bias }; // prettier-ignore
  }
}

/**
 * A transposed convolution over [batch, inputs, length] (or without the batch). Starts as PyTorch's: weight and bias from
 * U(−1/√n, 1/√n) with n = outputs / groups · kernelSize.
 */
export function convTranspose1d(
  inputs: number,
  outputs: number,
  kernelSize: number | readonly number[],
  options?: ConvolutionTransposeLayerOptions,
): ConvolutionTranspose<1> {
  return new ConvolutionTranspose(1, inputs, outputs, kernelSize, options);
}
/** A transposed convolution over [batch, inputs, height, width] (or without the batch); see `convTranspose1d`. */
export function convTranspose2d(
  inputs: number,
  outputs: number,
  kernelSize: number | readonly number[],
  options?: ConvolutionTransposeLayerOptions,
): ConvolutionTranspose<2> {
  return new ConvolutionTranspose(2, inputs, outputs, kernelSize, options);
}
/** A transposed convolution over [batch, inputs, depth, height, width] (or without the batch); see `convTranspose1d`. */
export function convTranspose3d(
  inputs: number,
  outputs: number,
  kernelSize: number | readonly number[],
  options?: ConvolutionTransposeLayerOptions,
): ConvolutionTranspose<3> {
  return new ConvolutionTranspose(3, inputs, outputs, kernelSize, options);
}

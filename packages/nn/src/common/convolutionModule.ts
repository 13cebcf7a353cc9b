import { KindlingError, type Parameter, parameter } from '@kindling/core';
import { kaimingUniform, uniform } from '../initialisers.js';
import { Module } from '../module.js';
import { each, type Rank } from './each.js';
import { requireSize } from './requireSize.js';

/** What makes such layers: `conv2d(inputs, outputs, kernelSize, options)`. */
export type ConvolutionFactory<O, L> = (
  inputs: number,
  outputs: number,
  kernelSize: number | readonly number[],
  options?: O,
) => L;

/** What convolutions and their transposes have in common: sizes, groups, and parameters that start as PyTorch's. */
export abstract class ConvolutionModule<R extends Rank> extends Module {
  /** [outputs, inputs / groups, ...kernelSize]; of a transpose [inputs, outputs / groups, ...kernelSize]. */
  readonly weight: Parameter;
  /** [outputs]. */
  readonly bias: Parameter | undefined;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;

  constructor(
    /** As messages and descriptions call it. */
    protected readonly type: string,
    readonly rank: R,
    readonly inputs: number,
    readonly outputs: number,
    kernelSize: number | readonly number[],
    options: {
      readonly stride?: number | readonly number[];
      readonly dilation?: number | readonly number[];
      readonly groups?: number;
      readonly bias?: boolean;
    },
    isTransposed: boolean,
  ) {
    super();
    const { groups = 1 } = options;
    requireSize(type, 'inputs', inputs);
    requireSize(type, 'outputs', outputs);
    requireSize(type, 'groups', groups);
    if (inputs % groups !== 0 || outputs % groups !== 0)
      throw new KindlingError(
        `${type}: ${inputs} inputs and ${outputs} outputs cannot be divided into ${groups} groups`,
      );
    this.kernelSize = each(type, 'kernelSize', kernelSize, rank, 1);
    this.stride = each(type, 'stride', options.stride ?? 1, rank, 1);
    this.dilation = each(type, 'dilation', options.dilation ?? 1, rank, 1);
    this.groups = groups;
    const [rows, columns] = isTransposed ? [inputs, outputs] : [outputs, inputs];
    const shape = [rows, columns / groups, ...this.kernelSize];
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1));
    this.weight = parameter(kaimingUniform(shape, { a: Math.sqrt(5) }));
    this.bias = options.bias === false ? undefined : parameter(uniform([outputs], -bound, bound));
  }
}

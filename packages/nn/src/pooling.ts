import {
  adaptiveAvgPool1d as adaptiveAvgPool1dOf,
  adaptiveAvgPool2d as adaptiveAvgPool2dOf,
  adaptiveAvgPool3d as adaptiveAvgPool3dOf,
  adaptiveMaxPool1d as adaptiveMaxPool1dOf,
  adaptiveMaxPool2d as adaptiveMaxPool2dOf,
  adaptiveMaxPool3d as adaptiveMaxPool3dOf,
  avgPool1d as avgPool1dOf,
  avgPool2d as avgPool2dOf,
  avgPool3d as avgPool3dOf,
  maxPool1d as maxPool1dOf,
  maxPool2d as maxPool2dOf,
  maxPool3d as maxPool3dOf,
  type AvgPoolOptions,
  type MaxPoolOptions,
  type Tensor,
} from '@kindling/core';
import { each, type Rank } from './common/each.js';
import { type Description, Module } from './module.js';

type Sizes = number | readonly number[];

/** A layer without parameters over planes: the greatest, or the mean, of windows. */
export class Pooling extends Module {
  constructor(
    readonly type: string,
    /** Sizes and options, as `describe` gives them. */
    readonly options: Readonly<Record<string, unknown>>,
    readonly apply: (input: Tensor) => Tensor,
  ) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return this.apply(input);
  }
  override describe(): Description {
    return { type: this.type, ...this.options };
  }
}

/** Options that were given, checked. */
function windowOptions(
  type: string,
  rank: Rank,
  kernelSize: Sizes,
  options: MaxPoolOptions & AvgPoolOptions,
): Record<string, unknown> {
  const sizes = (name: 'stride' | 'padding' | 'dilation', least: number): object =>
    options[name] === undefined ? {} : { [name]: each(type, name, options[name], rank, least) };
  return {
    kernelSize: each(type, 'kernelSize', kernelSize, rank, 1),
    ...options,
    ...sizes('stride', 1),
    ...sizes('padding', 0),
    ...sizes('dilation', 1),
  };
}

/** The greatest of each window of [batch, channels, length]; see `maxPool1d` of @kindling/core. */
export function maxPool1d(kernelSize: Sizes, options: MaxPoolOptions = {}): Pooling {
  const given = windowOptions('maxPool1d', 1, kernelSize, options);
  return new Pooling('maxPool1d', given, (x) => maxPool1dOf(x, kernelSize, options));
}
/** The greatest of each window of [batch, channels, height, width]; see `maxPool2d` of @kindling/core. */
export function maxPool2d(kernelSize: Sizes, options: MaxPoolOptions = {}): Pooling {
  const given = windowOptions('maxPool2d', 2, kernelSize, options);
  return new Pooling('maxPool2d', given, (x) => maxPool2dOf(x, kernelSize, options));
}
/** The greatest of each window of [batch, channels, depth, height, width]; see `maxPool3d` of @kindling/core. */
export function maxPool3d(kernelSize: Sizes, options: MaxPoolOptions = {}): Pooling {
  const given = windowOptions('maxPool3d', 3, kernelSize, options);
  return new Pooling('maxPool3d', given, (x) => maxPool3dOf(x, kernelSize, options));
}
/** The mean of each window of [batch, channels, length]; see `avgPool1d` of @kindling/core. */
export function avgPool1d(kernelSize: Sizes, options: AvgPoolOptions = {}): Pooling {
  const given = windowOptions('avgPool1d', 1, kernelSize, options);
  return new Pooling('avgPool1d', given, (x) => avgPool1dOf(x, kernelSize, options));
}
/** The mean of each window of [batch, channels, height, width]; see `avgPool2d` of @kindling/core. */
export function avgPool2d(kernelSize: Sizes, options: AvgPoolOptions = {}): Pooling {
  const given = windowOptions('avgPool2d', 2, kernelSize, options);
  return new Pooling('avgPool2d', given, (x) => avgPool2dOf(x, kernelSize, options));
}
/** The mean of each window of [batch, channels, depth, height, width]; see `avgPool3d` of @kindling/core. */
export function avgPool3d(kernelSize: Sizes, options: AvgPoolOptions = {}): Pooling {
  const given = windowOptions('avgPool3d', 3, kernelSize, options);
  return new Pooling('avgPool3d', given, (x) => avgPool3dOf(x, kernelSize, options));
}
/** The greatest of each of as many windows as the output has, over [batch, channels, length]; see `adaptiveMaxPool1d` of @kindling/core. */
export function adaptiveMaxPool1d(outputSize: Sizes): Pooling {
  const size = each('adaptiveMaxPool1d', 'outputSize', outputSize, 1, 1);
  return new Pooling('adaptiveMaxPool1d', { outputSize: size }, (x) => adaptiveMaxPool1dOf(x, size));
}
/** The greatest of each of as many windows as the output has, over [batch, channels, height, width]; see `adaptiveMaxPool2d` of @kindling/core. */
export function adaptiveMaxPool2d(outputSize: Sizes): Pooling {
  const size = each('adaptiveMaxPool2d', 'outputSize', outputSize, 2, 1);
  return new Pooling('adaptiveMaxPool2d', { outputSize: size }, (x) => adaptiveMaxPool2dOf(x, size));
}
/** The greatest of each of as many windows as the output has, over [batch, channels, depth, height, width]; see `adaptiveMaxPool3d` of @kindling/core. */
export function adaptiveMaxPool3d(outputSize: Sizes): Pooling {
  const size = each('adaptiveMaxPool3d', 'outputSize', outputSize, 3, 1);
  return new Pooling('adaptiveMaxPool3d', { outputSize: size }, (x) => adaptiveMaxPool3dOf(x, size));
}
/** The mean of each of as many windows as the output has, over [batch, channels, length]; see `adaptiveAvgPool1d` of @kindling/core. */
export function adaptiveAvgPool1d(outputSize: Sizes): Pooling {
  const size = each('adaptiveAvgPool1d', 'outputSize', outputSize, 1, 1);
  return new Pooling('adaptiveAvgPool1d', { outputSize: size }, (x) => adaptiveAvgPool1dOf(x, size));
}
/** The mean of each of as many windows as the output has, over [batch, channels, height, width]; see `adaptiveAvgPool2d` of @kindling/core. */
export function adaptiveAvgPool2d(outputSize: Sizes): Pooling {
  const size = each('adaptiveAvgPool2d', 'outputSize', outputSize, 2, 1);
  return new Pooling('adaptiveAvgPool2d', { outputSize: size }, (x) => adaptiveAvgPool2dOf(x, size));
}
/** The mean of each of as many windows as the output has, over [batch, channels, depth, height, width]; see `adaptiveAvgPool3d` of @kindling/core. */
export function adaptiveAvgPool3d(outputSize: Sizes): Pooling {
  const size = each('adaptiveAvgPool3d', 'outputSize', outputSize, 3, 1);
  return new Pooling('adaptiveAvgPool3d', { outputSize: size }, (x) => adaptiveAvgPool3dOf(x, size));
}

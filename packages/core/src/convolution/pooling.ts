import { customGradient } from '../customGradient.js';
import { isFloat } from '../dtype.js';
import { KindlingError } from '../errors.js';
import { arange, full, maximum, minimum, where } from '../functions.js';
import { noGrad } from '../node.js';
import * as operations from '../operations.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { type Axis, convolve, product, range, spreading, total, windows } from './bilinear.js';
import { perDimension, sizeNames } from './perDimension.js';

type Sizes = number | readonly number[];
export interface MaxPoolOptions {
  /** How far the window moves. Default: the size of the window. */
  readonly stride?: Sizes;
  /** Positions added on both sides, at most half a window; they never win. Default 0. */
  readonly padding?: Sizes;
  /** The distance between the elements of a window. Default 1. */
  readonly dilation?: Sizes;
  /** Whether a last window that the input does not fill counts. Default false. */
  readonly ceilMode?: boolean;
}
export interface AvgPoolOptions {
  /** How far the window moves. Default: the size of the window. */
  readonly stride?: Sizes;
  /** Zeros on both sides, at most half a window. Default 0. */
  readonly padding?: Sizes;
  /** Whether a last window that the input does not fill counts. Default false. */
  readonly ceilMode?: boolean;
  /** Whether the zeros count in the mean. Default true. */
  readonly countIncludePad?: boolean;
  /** Divides the sums in place of the number of elements. */
  readonly divisorOverride?: number;
}

/** [batch, channels, 1, ...sizes], and how to give a result the dimensions of the input back. */
function asPlanes(operation: string, input: Tensor, rank: number): { x: Tensor; back: (y: Tensor) => Tensor } {
  const { shape } = input;
  if (shape.length !== rank + 1 && shape.length !== rank + 2)
    throw new KindlingError(
      `${operation}: the input has shape ${showShape(shape)}; it must be [batch, channels, ${sizeNames(rank)}] or [channels, ${sizeNames(rank)}]`,
    );
  if (!isFloat(input.dtype))
    throw new KindlingError(`${operation}: the input is ${input.dtype}; cast it with to('float32')`);
  const lead = shape.slice(0, -rank);
  const sizes = shape.slice(-rank);
  if (sizes.includes(0))
    throw new KindlingError(`${operation}: an input of shape ${showShape(shape)} has empty planes`);
  return {
    x: input.reshape([lead.length === 2 ? lead[0] : 1, lead[lead.length - 1], 1, ...sizes]),
    back: (y) => y.reshape([...lead, ...y.shape.slice(3)]),
  };
}

function poolAxes(
  operation: string,
  sizes: readonly number[],
  kernelSize: Sizes,
  options: MaxPoolOptions,
): readonly Axis[] {
  const rank = sizes.length;
  const kernel = perDimension(operation, 'kernelSize', kernelSize, rank, 1);
  const stride = perDimension(operation, 'stride', options.stride ?? kernel, rank, 1);
  const padding = perDimension(operation, 'padding', options.padding ?? 0, rank, 0);
  const dilation = perDimension(operation, 'dilation', options.dilation ?? 1, rank, 1);
  return sizes.map((input, d) => {
    const [k, s, p] = [kernel[d], stride[d], padding[d]];
    if (p > k / 2)
      throw new KindlingError(
        `${operation}: padding ${showShape(padding)} is more than half of the window ${showShape(kernel)}; a window would have no element`,
      );
    const reach = dilation[d] * (k - 1) + 1;
    const space = input + 2 * p - reach;
    let output = (options.ceilMode === true ? Math.ceil(space / s) : Math.floor(space / s)) + 1;
    // a last window must begin inside of the input, or of the padding before it
    if ((output - 1) * s >= input + p) output -= 1;
    if (output < 1)
      throw new KindlingError(
        `${operation}: a window of ${showShape(kernel)}${dilation.some((n) => n > 1) ? ` with dilation ${showShape(dilation)}` : ''} ` +
          `does not fit planes of ${showShape(sizes)} with padding ${showShape(padding)}; take a smaller window, or pad more`,
      );
    return { input, output, kernel: k, stride: s, dilation: dilation[d], padding: [p, (output - 1) * s + reach - input - p] }; // prettier-ignore
  });
}

// ── the greatest ──
function maxPool(rank: number, input: Tensor, kernelSize: Sizes, options: MaxPoolOptions): Tensor {
  const operation = `maxPool${rank}d`;
  const { x, back } = asPlanes(operation, input, rank);
  return back(greatest(x, poolAxes(operation, x.shape.slice(3), kernelSize, options)));
}

/** The greatest of each window; its gradient goes to the first of them. */
function greatest(x: Tensor, axes: readonly Axis[]): Tensor {
  const dims = range(3 + axes.length, axes.length);
  return customGradient(
    [x],
    ([v]) => candidates(v, axes).max(dims),
    (g, _, [v]) => [route(g, noGrad(() => new Tensor(operations.reduce('argmax', candidates(v.detach(), axes).node, dims, false))), axes)], // prettier-ignore
  );
}

/** Windows in which padding is −∞. */
function candidates(x: Tensor, axes: readonly Axis[]): Tensor {
  const values = windows(x, axes);
  if (axes.every((a) => a.padding[0] <= 0 && a.padding[1] <= 0)) return values;
  return where(windows(full(x.shape, 1, { dtype: 'bool' }), axes), values, -Infinity);
}

/** The number of each tap, from 0. */
function tapNumbers(axes: readonly Axis[]): Tensor {
  const kernel = axes.map((a) => a.kernel);
  return arange(product(kernel)).reshape([1, 1, 1, ...kernel]);
}

/** Gives each window's element of y to the tap of the window that `chosen` names. */
function route(y: Tensor, chosen: Tensor, axes: readonly Axis[]): Tensor {
  return customGradient(
    [y],
    ([v]) => {
      const rank = axes.length;
      // 0 is no tap: padding of the kernel, and of what it meets
      const { taps, reach, assemble, steps, used, places } = spreading(tapNumbers(axes).add(1), axes);
      const at = (t: Tensor): Tensor => t.reshape([...t.shape.slice(0, 3), ...used.map(() => 1), ...places, ...steps]);
      const tap = taps.reshape([1, 1, 1, ...used, ...places.map(() => 1), ...steps]);
      const mine = at(reach(chosen.add(1))).eq(tap);
      return assemble(total(where(mine, at(reach(v)), 0), range(3 + 2 * rank, rank)));
    },
    (g) => [pick(g, chosen, axes)],
  );
}

/** The element of each window that `chosen` names. */
function pick(x: Tensor, chosen: Tensor, axes: readonly Axis[]): Tensor {
  return customGradient(
    [x],
    ([v]) => {
      const rank = axes.length;
      const kernel = axes.map((a) => a.kernel);
      const mine = chosen.reshape([...chosen.shape, ...kernel.map(() => 1)]).eq(tapNumbers(axes).reshape(kernel));
      return total(where(mine, windows(v, axes), 0), range(3 + rank, rank));
    },
    (g) => [route(g, chosen, axes)],
  );
}

// ── the mean ──
function avgPool(rank: number, input: Tensor, kernelSize: Sizes, options: AvgPoolOptions): Tensor {
  const operation = `avgPool${rank}d`;
  const { x, back } = asPlanes(operation, input, rank);
  const { divisorOverride: divisor, countIncludePad = true } = options;
  if (divisor === 0) throw new KindlingError(`${operation}: divisorOverride is 0`);
  const axes = poolAxes(operation, x.shape.slice(3), kernelSize, options);
  const kernel = axes.map((a) => a.kernel);
  // sums are a depthwise convolution with ones
  const ones = new Tensor(operations.filled(1, [x.shape[1], 1, 1, ...kernel], x.dtype));
  const sums = convolve(x, ones, axes);
  return back(sums.div(divisor === undefined ? counts(axes, countIncludePad, x) : constant(divisor, x)));
}

const constant = (value: number, like: Tensor): Tensor => new Tensor(operations.constant(value, like.dtype));

/** How many elements each window has: [...output], or one number where all have the same. */
function counts(axes: readonly Axis[], withPadding: boolean, like: Tensor): Tensor {
  const rank = axes.length;
  return axes.reduce(
    (all, a, d) => {
      // what a window of the ceiling mode reaches beyond the padding does not count
      const [before, after] = withPadding ? [a.padding[0], a.padding[0]] : [0, 0];
      if (a.padding[0] <= before && a.padding[1] <= after) return all.mul(constant(a.kernel, like));
      const [low, high] = [constant(-before, like), constant(a.input + after, like)];
      const start = arange(a.output, { dtype: like.dtype }).mul(constant(a.stride, like)).sub(constant(a.padding[0], like)); // prettier-ignore
      const count = minimum(start.add(constant(a.kernel, like)), high).sub(maximum(start, low));
      return all.mul(count.reshape(range(0, rank).map((e) => (e === d ? a.output : 1))));
    },
    constant(1, like),
  );
}

// ── to a given size ──
function adaptive(
  operation: string,
  input: Tensor,
  outputSize: Sizes,
  rank: number,
): { x: Tensor; back: (y: Tensor) => Tensor; output: readonly number[] } {
  const { x, back } = asPlanes(operation, input, rank);
  return { x, back, output: perDimension(operation, 'outputSize', outputSize, rank, 1) };
}

/** Windows side by side, where the sizes divide. */
function evenAxes(sizes: readonly number[], output: readonly number[]): readonly Axis[] | undefined {
  if (sizes.some((n, d) => n % output[d] !== 0)) return undefined;
  return sizes.map((input, d) => {
    const kernel = input / output[d];
    return { input, output: output[d], kernel, stride: kernel, dilation: 1, padding: [0, 0] };
  });
}

function adaptiveAvgPool(rank: number, input: Tensor, outputSize: Sizes): Tensor {
  const operation = `adaptiveAvgPool${rank}d`;
  const { x, back, output } = adaptive(operation, input, outputSize, rank);
  const even = evenAxes(x.shape.slice(3), output);
  if (even !== undefined) {
    const split = x.reshape([...x.shape.slice(0, 3), ...even.flatMap((a) => [a.output, a.kernel])]);
    return back(split.mean(range(0, rank).map((d) => 4 + 2 * d)));
  }
  // windows of several sizes: a mean for each dimension, as a product with their shares
  let y = x;
  output.forEach((size, d) => {
    const length = x.shape[3 + d];
    const position = arange(length).reshape(length, 1);
    const { start, end } = bounds(length, size);
    const inside = position.ge(start).and(position.lt(end)).to(x.dtype);
    const shares = inside.div(end.sub(start).to(x.dtype));
    y = y
      .transpose(3 + d, -1)
      .matmul(shares)
      .transpose(3 + d, -1);
  });
  return back(y);
}

/** Window i of `count` over `length` elements: from ⌊i·length/count⌋ to ⌈(i + 1)·length/count⌉. */
function bounds(length: number, count: number): { start: Tensor; end: Tensor } {
  const i = arange(count);
  const divided = (n: Tensor): Tensor =>
    n
      .sub(n.mod(constant(count, i)))
      .div(constant(count, i))
      .to('int32');
  const start = i.mul(constant(length, i));
  return { start: divided(start), end: divided(start.add(constant(length + count - 1, i))) };
}

function adaptiveMaxPool(rank: number, input: Tensor, outputSize: Sizes): Tensor {
  const operation = `adaptiveMaxPool${rank}d`;
  const { x, back, output } = adaptive(operation, input, outputSize, rank);
  const sizes = x.shape.slice(3);
  const even = evenAxes(sizes, output);
  if (even !== undefined) return back(greatest(x, even));
  // windows of several sizes, filled up with their last element: the positions of all, looked up
  let places: Tensor = arange(1);
  const kernel = sizes.map((length, d) => Math.floor((length - 1) / output[d]) + 2);
  sizes.forEach((length, d) => {
    const { start, end } = bounds(length, output[d]);
    const one = (n: number, t: Tensor): Tensor => t.reshape(range(0, 2 * rank).map((e) => (e === n ? t.size : 1)));
    const inWindow = minimum(one(d, start).add(one(rank + d, arange(kernel[d]))), one(d, end.sub(1)));
    places = places.mul(constant(length, places)).add(inWindow);
  });
  const flat = x.reshape([...x.shape.slice(0, 3), product(sizes)]);
  const spots = places.reshape(product(output), product(kernel));
  const best = noGrad(() => {
    const each = flat
      .detach()
      .indexSelect(-1, spots.flatten())
      .reshape([...x.shape.slice(0, 3), ...spots.shape]);
    const first = each.argmax(-1, { keepDim: true });
    return spots.expand(...x.shape.slice(0, 3), ...spots.shape).gather(-1, first);
  });
  return back(flat.gather(-1, best.squeeze(-1)).reshape([...x.shape.slice(0, 3), ...output]));
}

/**
 * The greatest element of each window: [batch, channels, length], or without the batch, to ⌊(size + 2·padding −
 * dilation·(kernelSize − 1) − 1) / stride⌋ + 1 in each dimension. NaN where the window has one. The gradient goes to the
 * first of the greatest. As PyTorch's.
 */
export function maxPool1d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool(1, input, kernelSize, options);
}
/** As `maxPool1d`, over [batch, channels, height, width]. */
export function maxPool2d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool(2, input, kernelSize, options);
}
/** As `maxPool1d`, over [batch, channels, depth, height, width]. */
export function maxPool3d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxPool(3, input, kernelSize, options);
}

/**
 * The mean of each window: [batch, channels, length], or without the batch, to ⌊(size + 2·padding − kernelSize) / stride⌋ + 1
 * in each dimension. As PyTorch's.
 */
export function avgPool1d(input: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool(1, input, kernelSize, options);
}
/** As `avgPool1d`, over [batch, channels, height, width]. */
export function avgPool2d(input: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool(2, input, kernelSize, options);
}
/** As `avgPool1d`, over [batch, channels, depth, height, width]. */
export function avgPool3d(input: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return avgPool(3, input, kernelSize, options);
}

/**
 * The greatest of each of as many windows as the output has: [batch, channels, length], or without the batch, to planes of
 * the given size; window i is from ⌊i·size/count⌋ to ⌈(i + 1)·size/count⌉. As PyTorch's.
 */
export function adaptiveMaxPool1d(input: Tensor, outputSize: Sizes): Tensor {
  return adaptiveMaxPool(1, input, outputSize);
}
/** As `adaptiveMaxPool1d`, over [batch, channels, height, width]. */
export function adaptiveMaxPool2d(input: Tensor, outputSize: Sizes): Tensor {
  return adaptiveMaxPool(2, input, outputSize);
}
/** As `adaptiveMaxPool1d`, over [batch, channels, depth, height, width]. */
export function adaptiveMaxPool3d(input: Tensor, outputSize: Sizes): Tensor {
  return adaptiveMaxPool(3, input, outputSize);
}

/**
 * The mean of each of as many windows as the output has: [batch, channels, length], or without the batch, to planes of the
 * given size; window i is from ⌊i·size/count⌋ to ⌈(i + 1)·size/count⌉. As PyTorch's.
 */
export function adaptiveAvgPool1d(input: Tensor, outputSize: Sizes): Tensor {
  return adaptiveAvgPool(1, input, outputSize);
}
/** As `adaptiveAvgPool1d`, over [batch, channels, height, width]. */
export function adaptiveAvgPool2d(input: Tensor, outputSize: Sizes): Tensor {
  return adaptiveAvgPool(2, input, outputSize);
}
/** As `adaptiveAvgPool1d`, over [batch, channels, depth, height, width]. */
export function adaptiveAvgPool3d(input: Tensor, outputSize: Sizes): Tensor {
  return adaptiveAvgPool(3, input, outputSize);
}

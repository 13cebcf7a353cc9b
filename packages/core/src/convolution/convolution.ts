import { isFloat } from '../dtype.js';
import { KindlingError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Axis, convolve, spread } from './bilinear.js';
import { perDimension, sizeNames } from './perDimension.js';

export interface ConvolutionOptions {
  /** How far the window moves, for all dimensions or each. Default 1. */
  readonly stride?: number | readonly number[];
  /**
   * Zeros on both sides. 'same' gives an output of the input's size (stride 1 only; of an odd number of zeros the greater
   * half is at the end), 'valid' is 0. Default 0.
   */
  readonly padding?: number | readonly number[] | 'same' | 'valid';
  /** The distance between the elements of a window. Default 1. */
  readonly dilation?: number | readonly number[];
  /** Channels are divided into this many groups that do not see each other. Default 1. */
  readonly groups?: number;
}
export interface ConvolutionTransposeOptions {
  /** Default 1. */
  readonly stride?: number | readonly number[];
  /** What the convolution that this one transposes would have added: taken off both sides. Default 0. */
  readonly padding?: number | readonly number[];
  /** Added to one side of the output: with a stride, several input sizes give one output size. Default 0. */
  readonly outputPadding?: number | readonly number[];
  /** Default 1. */
  readonly dilation?: number | readonly number[];
  /** Default 1. */
  readonly groups?: number;
}

/** The zeros on both sides of a dimension that 'same' means. */
function samePadding(kernel: number, dilation: number): readonly [number, number] {
  const all = dilation * (kernel - 1);
  return [Math.floor(all / 2), all - Math.floor(all / 2)];
}

/** Input and weight as groups, checked; `batched` is false where the batch dimension was left out. */
function prepare(
  operation: string,
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  groups: number,
  transposed: boolean,
): { x: Tensor; w: Tensor; batched: boolean } {
  const shapes = `an input of shape ${showShape(input.shape)} and a weight of shape ${showShape(weight.shape)}`;
  const fail = (why: string): never => {
    throw new KindlingError(`${operation}: ${shapes} do not go together: ${why}`);
  };
  const sizes = sizeNames(rank);
  const batched = input.shape.length === rank + 2;
  if (!batched && input.shape.length !== rank + 1)
    fail(`the input must be [batch, channels, ${sizes}] or [channels, ${sizes}]`);
  if (weight.shape.length !== rank + 2)
    fail(`the weight must be [${transposed ? 'inputs, outputs / groups' : 'outputs, inputs / groups'}, ${sizes}]`);
  if (!isFloat(input.dtype) || input.dtype !== weight.dtype || (bias !== undefined && bias.dtype !== weight.dtype))
    throw new KindlingError(
      `${operation}: the input is ${input.dtype}, the weight ${weight.dtype}${bias === undefined ? '' : `, the bias ${bias.dtype}`}; ` +
        `all must be one float dtype, so cast with to('${isFloat(weight.dtype) ? weight.dtype : 'float32'}')`,
    );
  if (!Number.isInteger(groups) || groups < 1)
    throw new KindlingError(`${operation}: groups is ${groups}; it must be a whole number from 1 on`);
  const x = batched ? input : input.unsqueeze(0);
  const channels = x.shape[1];
  const [first, second] = weight.shape;
  if (channels % groups !== 0) fail(`${channels} channels cannot be divided into ${groups} groups`);
  if (transposed) {
    if (first !== channels) fail(`the weight is for ${first} channels, the input has ${channels}`);
  } else {
    if (second * groups !== channels)
      fail(`with ${groups === 1 ? 'one group' : `${groups} groups`} the weight is for ${second * groups} channels, the input has ${channels}`); // prettier-ignore
    if (first % groups !== 0) fail(`${first} outputs cannot be divided into ${groups} groups`);
  }
  const outputs = transposed ? second * groups : first;
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== outputs))
    throw new KindlingError(
      `${operation}: a bias of shape ${showShape(bias.shape)} does not go with ${outputs} outputs; it must be [${outputs}]`,
    );
  return {
    x: x.reshape([x.shape[0], groups, channels / groups, ...x.shape.slice(2)]),
    w: weight.reshape([groups, first / groups, second, ...weight.shape.slice(2)]),
    batched,
  };
}

function finish(y: Tensor, bias: Tensor | undefined, batched: boolean): Tensor {
  const [batch, groups, outputs, ...sizes] = y.shape;
  const joined = y.reshape([...(batched ? [batch] : []), groups * outputs, ...sizes]);
  return bias === undefined ? joined : joined.add(bias.reshape([bias.shape[0], ...sizes.map(() => 1)]));
}

function convolution(
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvolutionOptions,
): Tensor {
  const operation = `conv${rank}d`;
  const { x, w, batched } = prepare(operation, rank, input, weight, bias, options.groups ?? 1, false);
  const stride = perDimension(operation, 'stride', options.stride ?? 1, rank, 1);
  const dilation = perDimension(operation, 'dilation', options.dilation ?? 1, rank, 1);
  const { padding = 0 } = options;
  const kernel = w.shape.slice(3);
  if (padding === 'same' && stride.some((s) => s !== 1))
    throw new KindlingError(
      `${operation}: padding 'same' is not defined for a stride of ${showShape(stride)}; give numbers`,
    );
  const zeros = typeof padding === 'string' ? undefined : perDimension(operation, 'padding', padding, rank, 0);
  const axes = kernel.map((size, d): Axis => {
    const around: readonly [number, number] =
      padding === 'same' ? samePadding(size, dilation[d]) : [zeros?.[d] ?? 0, zeros?.[d] ?? 0];
    const length = x.shape[3 + d];
    const space = length + around[0] + around[1] - dilation[d] * (size - 1) - 1;
    if (size === 0 || length === 0 || space < 0)
      throw new KindlingError(
        `${operation}: a kernel of ${showShape(kernel)}${dilation.some((n) => n > 1) ? ` with dilation ${showShape(dilation)}` : ''} ` +
          `does not fit an input of shape ${showShape(input.shape)} with padding ${around[0] + around[1]} in dimension ${d - rank}`,
      );
    return { input: length, output: Math.floor(space / stride[d]) + 1, kernel: size, stride: stride[d], dilation: dilation[d], padding: around }; // prettier-ignore
  });
  return finish(convolve(x, w, axes), bias, batched);
}

function transposedConvolution(
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvolutionTransposeOptions,
): Tensor {
  const operation = `convTranspose${rank}d`;
  const { x, w, batched } = prepare(operation, rank, input, weight, bias, options.groups ?? 1, true);
  const stride = perDimension(operation, 'stride', options.stride ?? 1, rank, 1);
  const dilation = perDimension(operation, 'dilation', options.dilation ?? 1, rank, 1);
  const padding = perDimension(operation, 'padding', options.padding ?? 0, rank, 0);
  const more = perDimension(operation, 'outputPadding', options.outputPadding ?? 0, rank, 0);
  const kernel = w.shape.slice(3);
  const axes = kernel.map((size, d): Axis => {
    const [s, n, p] = [stride[d], dilation[d], padding[d]];
    if (more[d] >= Math.max(s, n))
      throw new KindlingError(
        `${operation}: outputPadding ${showShape(more)} must be smaller than the stride ${showShape(stride)} or the dilation ${showShape(dilation)}`,
      );
    const length = x.shape[3 + d];
    const full = (length - 1) * s - 2 * p + n * (size - 1) + more[d] + 1;
    if (size === 0 || length === 0 || full < 1)
      throw new KindlingError(
        `${operation}: an input of shape ${showShape(input.shape)} with a kernel of ${showShape(kernel)} and padding ${showShape(padding)} ` +
          `has no output in dimension ${d - rank}; use less padding`,
      );
    // to the last window and no farther: with a dilation, outputPadding can be enough for one more
    return { input: full, output: length, kernel: size, stride: s, dilation: n, padding: [p, p - more[d]] };
  });
  return finish(spread(x, w, axes), bias, batched);
}

/**
 * Slides a kernel over the input: out[n, o, i] = bias[o] + Σ_{c, t} input[n, c, i·stride + t·dilation − padding] · weight[o, c, t].
 * Input [batch, inputs, length] (or without the batch), weight [outputs, inputs / groups, size], bias [outputs]; the
 * result is [batch, outputs, ⌊(length + 2·padding − dilation·(size − 1) − 1) / stride⌋ + 1]. As PyTorch's.
 */
export function conv1d(input: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolution(1, input, weight, bias, options);
}
/** As `conv1d`, over [batch, inputs, height, width], with a weight [outputs, inputs / groups, height, width]. */
export function conv2d(input: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolution(2, input, weight, bias, options);
}
/** As `conv1d`, over [batch, inputs, depth, height, width], with a weight [outputs, inputs / groups, depth, height, width]. */
export function conv3d(input: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolution(3, input, weight, bias, options);
}
/**
 * The transposed convolution: each element of the input spreads the kernel over the output, out[n, o, i·stride + t·dilation
 * − padding] += input[n, c, i] · weight[c, o, t]. Input [batch, inputs, length] (or without the batch), weight [inputs,
 * outputs / groups, size], bias [outputs]; the result is [batch, outputs, (length − 1)·stride − 2·padding +
 * dilation·(size − 1) + outputPadding + 1]. As PyTorch's.
 */
export function convTranspose1d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  return transposedConvolution(1, input, weight, bias, options);
}
/** As `convTranspose1d`, over [batch, inputs, height, width]. */
export function convTranspose2d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  return transposedConvolution(2, input, weight, bias, options);
}
/** As `convTranspose1d`, over [batch, inputs, depth, height, width]. */
export function convTranspose3d(
  input: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  return transposedConvolution(3, input, weight, bias, options);
}

import { hostScalars } from './compile.js';
import type { DType } from './dtype.js';
import { KindlingError } from './errors.js';
import { currentTrace, undoIfItFails } from './evaluate.js';
import { arange, where } from './functions.js';
import { node } from './node.js';
import * as operations from './operations.js';
import { showShape, sizeOf } from './shape.js';
import { Tensor } from './tensor.js';

let seed = 0;
let counter = 0;

/**
 * Starts the random numbers anew. They are a function of the seed, a count of draws and the position of the element,
 * so they are the same on every backend. Before it, the seed is 0.
 */
export function manualSeed(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new KindlingError(`manualSeed: the seed must be an integer from 0 to 4294967295, got ${value}`);
  seed = value;
  counter = 0;
}

/** The state of the random numbers, to continue them later. */
export function randomState(): { readonly seed: number; readonly counter: number } {
  return { seed, counter };
}
export function setRandomState(state: { readonly seed: number; readonly counter: number }): void {
  seed = state.seed;
  counter = state.counter;
}

/** 32 random bits for each element, uint32: Threefry-2x32 with the key (seed, draw) and the position as counter. */
export function randomBits(shape: readonly number[]): Tensor {
  const isTraced = currentTrace() !== undefined;
  const draw = (): readonly number[] => {
    // a call that fails has drawn nothing; a tensor that was made keeps its draw
    if (isTraced) undoIfItFails(() => (counter -= 1));
    return [seed, counter++];
  };
  const [key0, key1] = hostScalars(2, draw, 'uint32') as [Tensor, Tensor];
  const position = arange(sizeOf(shape)).to('uint32');
  const n = node('random', [key0.node, key1.node, position.node], position.shape, 'uint32');
  return new Tensor(n).reshape(shape);
}

export interface RandomOptions {
  readonly dtype?: 'float32' | 'float64';
}

/** Uniform in [0, 1). */
export function rand(shape: readonly number[], options: RandomOptions = {}): Tensor {
  const dtype = options.dtype ?? 'float32';
  // the upper 24 bits are exact in float32
  return randomBits(shape)
    .shr(8)
    .to(dtype)
    .mul(new Tensor(operations.constant(2 ** -24, dtype)));
}
/** Uniform in [low, high). */
export function uniform(shape: readonly number[], low: number, high: number, options?: RandomOptions): Tensor {
  return rand(shape, options)
    .mul(high - low)
    .add(low);
}
/** Normal with mean 0 and variance 1 (Box–Muller). */
export function randn(shape: readonly number[], options: RandomOptions = {}): Tensor {
  const dtype: DType = options.dtype ?? 'float32';
  const number = (x: number): Tensor => new Tensor(operations.constant(x, dtype));
  const one = number(1);
  const radius = one.sub(rand(shape, options)).log().mul(number(-2)).sqrt(); // 1 − u is never 0
  return radius.mul(
    rand(shape, options)
      .mul(number(2 * Math.PI))
      .cos(),
  );
}
/** Integers from `low` to `high` − 1, int32. */
export function randint(low: number, high: number, shape: readonly number[]): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high) || high <= low || high - low > 2 ** 24)
    throw new KindlingError(
      `randint: needs integers low < high that are at most 2^24 apart, got ${low} and ${high} for shape ${showShape(shape)}`,
    );
  return rand(shape)
    .mul(high - low)
    .floor()
    .to('int32')
    .add(low);
}
/** 1 with probability `p`, else 0. */
export function bernoulli(shape: readonly number[], p: number, options: RandomOptions = {}): Tensor {
  if (!(p >= 0 && p <= 1)) throw new KindlingError(`bernoulli: p is a probability, from 0 to 1, got ${p}`);
  return where(rand(shape).lt(p), 1, 0).to(options.dtype ?? 'float32');
}

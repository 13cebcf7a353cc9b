/** Compositions: functions rather than methods, so that a bundle holds only those that are used. */
import { type DType, isFloat } from './dtype.js';
import { KindlingError } from './errors.js';
import { customGradient } from './customGradient.js';
import { node } from './node.js';
import * as operations from './operations.js';
import { dimension, dimensions, sameShape, showShape } from './shape.js';
import { type Dim, type Operand, operandNode, type ReduceOptions, Tensor } from './tensor.js';

// ── making tensors ──
export interface FillOptions {
  /** Default float32. */
  readonly dtype?: DType;
}
export function full(shape: readonly number[], value: number, options: FillOptions = {}): Tensor {
  const dtype = options.dtype ?? 'float32';
  return new Tensor(operations.expand(operations.literal(value, dtype), shape));
}
export function zeros(shape: readonly number[], options?: FillOptions): Tensor {
  return full(shape, 0, options);
}
export function ones(shape: readonly number[], options?: FillOptions): Tensor {
  return full(shape, 1, options);
}
export function zerosLike(t: Tensor): Tensor {
  return full(t.shape, 0, { dtype: t.dtype });
}
export function onesLike(t: Tensor): Tensor {
  return full(t.shape, 1, { dtype: t.dtype });
}
export function fullLike(t: Tensor, value: number): Tensor {
  return full(t.shape, value, { dtype: t.dtype });
}
/** 0, 1, …, n − 1. Default dtype int32. */
export function arange(n: number, options: FillOptions = {}): Tensor {
  if (!Number.isInteger(n) || n < 0) throw new KindlingError(`arange: needs a whole number of elements, got ${n}`);
  return new Tensor(node('iota', [], [n], 'int32')).to(options.dtype ?? 'int32');
}
/** A number as a 0-d tensor that is given anew at each run of a program: it is never compiled in. */
export function scalar(value: number, options: FillOptions = {}): Tensor {
  return new Tensor(node('scalar', [], [], options.dtype ?? 'float32', new operations.Literal(value)));
}
/** 1 at the index of each row, 0 elsewhere: shape [...index, classes]; all 0 where there is no such class. Default dtype float32. */
export function oneHot(index: Tensor, classes: number, options: FillOptions = {}): Tensor {
  return index
    .unsqueeze(-1)
    .eq(arange(classes, { dtype: index.dtype }))
    .to(options.dtype ?? 'float32');
}

// ── two operands ──
function pair(op: 'max' | 'min', name: string, a: Operand, b: Operand): Tensor {
  const t = typeof a === 'number' ? (typeof b === 'number' ? undefined : b) : a;
  return new Tensor(operations.binary(op, operandNode(a, t, name), operandNode(b, t, name), name));
}
/** The greater, element by element; NaN if either is. Where equal, each gets half of the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return pair('max', 'maximum', a, b);
}
export function minimum(a: Operand, b: Operand): Tensor {
  return pair('min', 'minimum', a, b);
}
/** Between `low` and `high`. The gradient is 1 inside, bounds included, and 0 outside. */
export function clamp(x: Tensor, low: number | undefined, high?: number): Tensor {
  let out = x;
  if (low !== undefined) out = where(out.lt(low), low, out);
  if (high !== undefined) out = where(out.gt(high), high, out);
  return out;
}
/** `a` where the condition holds, `b` elsewhere. Both sides are evaluated. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const t = typeof a === 'number' ? (typeof b === 'number' ? undefined : b) : a;
  return new Tensor(operations.where(condition.node, operandNode(a, t, 'where'), operandNode(b, t, 'where')));
}

// ── activations and their kin ──
/** A function that model files know by a name, where it is a layer. */
export type ActivationFunction<F extends (x: Tensor) => Tensor = (x: Tensor) => Tensor> = F & {
  readonly activation: string;
};
export function activationFunction<F extends (x: Tensor) => Tensor>(activation: string, f: F): ActivationFunction<F> {
  return Object.assign(f, { activation });
}
/** max(x, 0), with gradient 0 at 0. */
export const relu: ActivationFunction = /* @__PURE__ */ activationFunction(
  'relu',
  (x) =>
  customGradient([x], ([v]) => maximum(v, 0), (g, y) => [where(y.gt(0), g, 0)]), // prettier-ignore
);
/** 1 / (1 + exp(−x)). */
export const sigmoid: ActivationFunction = /* @__PURE__ */ activationFunction('sigmoid', (x) => {
  const one = new Tensor(operations.constant(1, isFloat(x.dtype) ? x.dtype : 'float32'));
  return customGradient([x], ([v]) => one.div(v.neg().exp().add(one)), (g, y) => [g.mul(y.mul(one.sub(y)))]); // prettier-ignore
});
/** log(1 + x), accurate near 0. */
export function log1p(x: Tensor): Tensor {
  const one = new Tensor(operations.constant(1, isFloat(x.dtype) ? x.dtype : 'float32'));
  return customGradient(
    [x],
    ([v]) => {
      // log(u)·x/(u − 1) cancels the rounding of u = 1 + x
      const u = v.add(one);
      const rounded = u.sub(one);
      const quotient = u.log().mul(v.div(where(rounded.eq(0), one, rounded)));
      return where(rounded.eq(0), v, where(u.eq(Infinity), u, quotient));
    },
    (g, _y, [v]) => [g.div(v.add(one))],
  );
}
/** exp(x) − 1, accurate near 0. */
export function expm1(x: Tensor): Tensor {
  const dtype = isFloat(x.dtype) ? x.dtype : 'float32';
  const one = new Tensor(operations.constant(1, dtype));
  return customGradient(
    [x],
    ([v]) => {
      const u = v.exp();
      const rounded = u.sub(one);
      const safe = u.eq(1).or(rounded.eq(-1)).or(u.eq(Infinity));
      const quotient = rounded.mul(v.div(where(safe, one, u.log())));
      return where(u.eq(1), v, where(safe, rounded, quotient));
    },
    (g, y) => [g.mul(y.add(one))],
  );
}
/** log(1 + exp(x)), without overflow. */
export const softplus: ActivationFunction = /* @__PURE__ */ activationFunction(
  'softplus',
  (x) =>
  customGradient([x], ([v]) => maximum(v, 0).add(log1p(v.abs().neg().exp())), (g, _y, [v]) => [g.mul(sigmoid(v))]), // prettier-ignore
);
/** log(1 / (1 + exp(−x))) = −softplus(−x). */
export const logSigmoid: ActivationFunction = /* @__PURE__ */ activationFunction('logSigmoid', (x) =>
  softplus(x.neg()).neg(),
);

/** log Σ exp over `dim`, without overflow; −∞ where all are. */
export function logSumExp(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = dimensions('logSumExp', dim, x.shape);
  if (dims.some((d) => x.shape[d] === 0)) return x.sum(dims, options).log(); // of nothing: −∞, and there is no greatest
  const kept = customGradient(
    [x],
    ([v]) => {
      const greatest = v.max(dims, { keepDim: true });
      const shift = where(greatest.abs().eq(Infinity), 0, greatest); // ∞ − ∞ would be NaN
      return v.sub(shift).exp().sum(dims, { keepDim: true }).log().add(shift);
    },
    (g, y, [v]) => {
      const shift = where(y.abs().eq(Infinity), 0, y);
      return [g.mul(v.sub(shift).exp())];
    },
  );
  return options.keepDim ? kept : kept.reshape(x.shape.filter((_, i) => !dims.includes(i)));
}
/** exp(x) / Σ exp(x) over `dim`. */
export function softmax(x: Tensor, dim: number): Tensor {
  dim = dimension('softmax', dim, x.shape);
  return customGradient(
    [x],
    ([v]) => {
      const e = v.sub(v.max(dim, { keepDim: true })).exp();
      // one division a row
      return e.mul(new Tensor(operations.constant(1, e.dtype)).div(e.sum(dim, { keepDim: true })));
    },
    (g, y) => [y.mul(g.sub(g.mul(y).sum(dim, { keepDim: true })))],
  );
}
/**
 * log softmax. The greatest is subtracted and not added again, so that logits around ±1000 lose no digits: log Σ exp alone
 * would be rounded to the spacing of numbers around 1000.
 */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  dim = dimension('logSoftmax', dim, x.shape);
  return customGradient(
    [x],
    ([v]) => {
      const shifted = v.sub(v.max(dim, { keepDim: true }));
      return shifted.sub(shifted.exp().sum(dim, { keepDim: true }).log());
    },
    (g, y) => [g.sub(y.exp().mul(g.sum(dim, { keepDim: true })))],
  );
}

// ── statistics ──
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count of elements. Default 1, the unbiased estimate. */
  readonly correction?: number;
}
/** The variance, in two passes. */
export function variance(x: Tensor, dim?: Dim, options: VarianceOptions = {}): Tensor {
  const dims = dimensions('variance', dim, x.shape);
  const count = dims.reduce((n, d) => n * x.shape[d], 1);
  const centered = x.sub(x.mean(dims, { keepDim: true }));
  const divisor = new Tensor(operations.constant(Math.max(0, count - (options.correction ?? 1)), x.dtype));
  return centered.mul(centered).sum(dims, options).div(divisor);
}
/** The standard deviation. Where it is 0, so is its gradient. */
export function std(x: Tensor, dim?: Dim, options?: VarianceOptions): Tensor {
  return customGradient(
    [variance(x, dim, options)],
    ([v]) => v.sqrt(),
    (g, y) => {
      const same = y.eq(0);
      // the unused side must be finite: its own gradient would be 0 · ∞
      const deviation = where(same, 1, y);
      return [where(same, 0, g.div(deviation.add(deviation)))];
    },
  );
}

// ── joining ──
/** One after another along `dim`. */
export function concat(tensors: readonly Tensor[], dim = 0): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new KindlingError('concat: needs at least one tensor');
  const d = dimension('concat', dim, first.shape);
  for (const t of tensors)
    if (
      t.dtype !== first.dtype ||
      t.shape.length !== first.shape.length ||
      t.shape.some((n, i) => i !== d && n !== first.shape[i])
    )
      throw new KindlingError(
        `concat: ${t.dtype} ${showShape(t.shape)} does not go with ${first.dtype} ${showShape(first.shape)}; ` +
          `all sizes but that of dimension ${d}, and the dtype, must be equal`,
      );
  const total = tensors.reduce((n, t) => n + t.shape[d], 0);
  const position = arange(total).reshape(first.shape.map((_, i) => (i === d ? total : 1)));
  let end = total;
  let out: Tensor | undefined;
  for (const t of [...tensors].reverse()) {
    const start = end - t.shape[d];
    const placed = t.pad(t.shape.map((_, i) => (i === d ? [start, total - end] : [0, 0])));
    // chosen by position rather than added up: −0, NaN and ∞ stay as they are
    out = out === undefined ? placed : where(position.lt(end), placed, out);
    end = start;
  }
  return out!;
}
/** As rows of a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  return concat(
    tensors.map((t) => t.unsqueeze(dim)),
    dim,
  );
}

/**
 * Carries a state through the rows of `inputs`: `[state, output] = body(state, row)`. The result is the last state and
 * all outputs stacked. The body must be the same computation for every row. It is unrolled: the first run of a long
 * sequence takes time to compile, some milliseconds a row; later ones do not.
 */
export function scan(
  body: (state: Tensor, row: Tensor) => readonly [state: Tensor, output: Tensor],
  initial: Tensor,
  inputs: Tensor,
): { state: Tensor; outputs: Tensor } {
  if (inputs.shape.length === 0 || inputs.shape[0] === 0)
    throw new KindlingError(`scan: inputs of shape ${showShape(inputs.shape)} have no rows`);
  let state = initial;
  const outputs: Tensor[] = [];
  for (let i = 0; i < inputs.shape[0]; i++) {
    const [next, output] = body(state, inputs.slice(i));
    if (!sameShape(next.shape, initial.shape))
      throw new KindlingError(
        `scan: the body turned a state of shape ${showShape(initial.shape)} into one of shape ${showShape(next.shape)}`,
      );
    state = next;
    outputs.push(output);
  }
  return { state, outputs: stack(outputs) };
}

import {
  arange,
  concat,
  customGradient,
  defineLoss,
  integer,
  KindlingError,
  ones,
  showShape,
  type Tensor,
  tensorOption,
  where,
  zeros,
} from '@kindling/core';
import { classTarget } from './common/classTarget.js';
import { requireShape } from './common/elementwise.js';
import { labelSmoothing } from './common/labelSmoothing.js';
import { classWeights } from './common/weights.js';

/** From where to where each of `count` nearly equal parts of a dimension goes. */
function parts(size: number, count: number): readonly (readonly [number, number])[] {
  const each = Math.max(1, Math.ceil(size / count));
  return Array.from({ length: Math.max(1, Math.ceil(size / each)) }, (_, i) => [i * each, Math.min(size, (i + 1) * each)]); // prettier-ignore
}

/**
 * What each class of each row shall weigh: [rows, classes] of a part, or the other way round. It is computed where it is
 * used, and never stored.
 */
type Share = (rows: readonly [number, number], classes: readonly [number, number], turned?: boolean) => Tensor;

/** The greatest logit of each row, and Σ exp of how far all are below it: [rows, 1]. */
function spread(z: Tensor): { greatest: Tensor; sum: Tensor } {
  const greatest = z.max(1, { keepDim: true });
  return { greatest, sum: z.sub(greatest).exp().sum(1, { keepDim: true }) };
}

/**
 * Σ_c T·(log Σ exp z − z) for each row, with z = x·Wᵀ + b, of which only a part is ever there. The gradient computes the
 * logits again, a part of the rows for x and a part of the classes for W. It multiplies the other way round (W·xᵀ): equal
 * products would be one value, kept from the forward pass to the end of the backward pass.
 */
function rowLosses(x: Tensor, w: Tensor, b: Tensor, share: Share, chunks: number): Tensor {
  const [rows, classes] = [x.shape[0], w.shape[0]];
  const allRows = [0, rows] as const;
  const all = [0, classes] as const;
  const overRows = parts(rows, chunks);
  const logits = ([from, to]: readonly [number, number], u: Tensor, v: Tensor, c: Tensor): Tensor =>
    u.slice([from, to]).matmul(v.transpose()).add(c);
  const ofRows = (part: readonly [number, number], [u, v, c]: readonly Tensor[]): Tensor => {
    const z = logits(part, u, v, c);
    const { greatest, sum } = spread(z);
    return share(part, all).mul(sum.log().sub(z.sub(greatest))).sum(1); // prettier-ignore
  };
  return customGradient(
    [x, w, b],
    (inputs) => concat(overRows.map((part) => ofRows(part, inputs))),
    (g, _loss, [u, v, c]) => {
      // of all rows at once: a sum for each part would join, and delay, the kernels of the forward pass
      const total = share(allRows, all).sum(1);
      // the same as in the forward pass: small, and kept. Joined first: what follows shall not delay the kernels there
      const spreads = overRows.map((part) => spread(logits(part, u, v, c)));
      const logSum = concat(spreads.map((part) => part.greatest))
        .add(concat(spreads.map((part) => part.sum)).log())
        .squeeze(1);
      const dx = overRows.map(([from, to]) => {
        const z = v.matmul(u.slice([from, to]).transpose()).add(c.unsqueeze(1));
        const p = z.sub(logSum.slice([from, to])).exp();
        const slope = p.mul(total.slice([from, to])).sub(share([from, to], all, true));
        return slope.mul(g.slice([from, to])).transpose().matmul(v); // prettier-ignore
      });
      const ofClasses = parts(classes, chunks).map(([from, to]) => {
        const z = u.matmul(v.slice([from, to]).transpose()).add(c.slice([from, to]));
        const p = z.sub(logSum.unsqueeze(1)).exp();
        const slope = p
          .mul(total.unsqueeze(1))
          .sub(share(allRows, [from, to]))
          .mul(g.unsqueeze(1));
        return { dw: slope.transpose().matmul(u), db: slope.sum(0) };
      });
      return [concat(dx), concat(ofClasses.map((part) => part.dw)), concat(ofClasses.map((part) => part.db))];
    },
  );
}

/**
 * A linear layer and cross-entropy in one, whose logits are never all in memory: for a model whose last layer has very many
 * outputs. With z = x·Wᵀ + b it is `crossEntropyLoss(z, target)`, with the same weights, `ignoreIndex` and smoothing.
 *
 * `linearCrossEntropyLoss()(input, target, linearWeight, linearBias)`; the bias may be left out. The rows, and for the
 * gradient of W the classes, are gone through in `chunks` parts, so that only N·C / `chunks` logits are there at a time. They
 * are computed three times rather than once, for the loss and for the gradients of input and weight.
 *
 * Shapes: input [N, F] or [F]; target class indices (int32) [N] or [], or class probabilities (floats) [N, C] or [C];
 * `linearWeight` [C, F]; `linearBias` [C]. `reduction: 'none'` gives [N] or [].
 *
 * Defaults: no `weight`, `ignoreIndex` −100, `labelSmoothing` 0, `chunks` 8, `reduction` 'mean': over the weights for class
 * indices, over the samples for probabilities. Probabilities have no gradient here.
 *
 * Errors: shapes that do not go together, a target of neither form, fewer than one chunk. A class index outside of
 * 0 … C − 1 is reported when a result is read.
 *
 * Source: PyTorch's `linear_cross_entropy`; Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models".
 */
export const linearCrossEntropyLoss = /* @__PURE__ */ defineLoss({
  name: 'linearCrossEntropyLoss',
  task: 'classification',
  inputs: ['input', 'target', 'linearWeight', 'linearBias?'],
  output: 'embedding',
  options: {
    weight: tensorOption({ optional: true, description: 'one weight a class' }),
    ignoreIndex: integer({ default: -100, description: 'samples with this class index count for nothing' }),
    labelSmoothing: /* @__PURE__ */ labelSmoothing(),
    chunks: integer({ default: 8, minimum: 1, description: 'in how many parts the logits are computed' }),
  },
  compute: (
    { weight, ignoreIndex, labelSmoothing, chunks },
    ...[input, target, linearWeight, ...biases]: [
      input: Tensor,
      target: Tensor,
      linearWeight: Tensor,
      ...linearBias: Tensor[],
    ]
  ) => {
    const name = 'linearCrossEntropyLoss';
    if (linearWeight.shape.length !== 2 || input.shape.length < 1 || input.shape.length > 2)
      throw new KindlingError(
        `${name}: the input ${showShape(input.shape)} and the weight ${showShape(linearWeight.shape)} must be [N, F] or [F], and [C, F]`,
      );
    const [classes, features] = linearWeight.shape;
    requireShape(name, 'the input', input, [...input.shape.slice(0, -1), features]);
    const dtype = linearWeight.dtype as 'float32';
    const [bias = zeros([classes], { dtype })] = biases;
    requireShape(name, 'the bias', bias, [classes]);
    // what the logits would be, for the checks of target and weights
    const x = input.reshape(-1, features);
    const logits = zeros([...input.shape.slice(0, -1), classes], { dtype });
    const form = classTarget(name, logits, target, logits.shape.length - 1);
    const given = classWeights(name, weight, logits, logits.shape.length - 1)?.reshape(1, classes);
    const weights = given ?? ones([1, classes], { dtype });
    /** The weights of some classes, and what smoothing adds for each: a row, or a column. */
    const weightsOf = (part: readonly [number, number], turned: boolean): Tensor =>
      turned ? weights.reshape(-1, 1).slice(part) : weights.slice(undefined, part);
    const smoothing = labelSmoothing / classes;

    if ('probabilities' in form) {
      const q = form.probabilities.detach().reshape(-1, classes);
      const share: Share = (rows, part, turned = false) => {
        const own = turned ? q.slice(rows, part).transpose() : q.slice(rows, part);
        const smooth = labelSmoothing === 0 ? own : own.mul(1 - labelSmoothing).add(smoothing);
        return smooth.mul(weightsOf(part, turned));
      };
      return rowLosses(x, linearWeight, bias, share, chunks).reshape(input.shape.slice(0, -1));
    }
    const counts = form.indices.reshape(-1, 1).ne(ignoreIndex);
    const index = where(counts, form.indices.reshape(-1, 1), -1);
    const share: Share = (rows, part, turned = false) => {
      const [from, to] = part;
      const ids = arange(to - from).add(from);
      const labels = index.slice(rows);
      const own = turned ? ids.unsqueeze(1).eq(labels.reshape(1, -1)) : labels.eq(ids);
      const w = weightsOf(part, turned);
      if (labelSmoothing === 0) return where(own, w, 0);
      const counted = turned ? labels.reshape(1, -1).ge(0) : labels.ge(0);
      return where(counted, where(own, w.mul(1 - labelSmoothing), 0).add(w.mul(smoothing)), 0);
    };
    const own = weights
      .reshape(-1)
      .indexSelect(0, where(counts, index, 0).reshape(-1))
      .unsqueeze(1);
    const rows = where(counts, own, 0).reshape(target.shape);
    // chosen, not multiplied: the mean over no samples has no gradient
    const value = where(counts, rowLosses(x, linearWeight, bias, share, chunks).unsqueeze(1), 0).reshape(target.shape);
    // nothing is added: the gather reports an index that is no class
    return { value: value.add(rows.mul(0)), weight: rows };
  },
});

import {
  arange,
  asIndices,
  boolean,
  clamp,
  defineLoss,
  integer,
  KindlingError,
  maximum,
  minimum,
  showShape,
  type Tensor,
  tensor,
  where,
} from '@kindling/core';
import { requireShape } from './common/elementwise.js';

/** Stands for log 0: finite, so that no difference of two is NaN, and so low that adding a log-probability changes nothing. */
const impossible = -1e30;

/** log(eᵃ + eᵇ + …). */
function logAdd(...terms: readonly Tensor[]): Tensor {
  const greatest = terms.reduce((a, b) => maximum(a, b)).detach();
  return terms
    .map((t) => t.sub(greatest).exp())
    .reduce((a, b) => a.add(b))
    .log()
    .add(greatest);
}

/** The targets as [N, S], from [N, S] or from one sequence after another. */
function rowsOf(targets: Tensor, lengths: Tensor, batch: number): Tensor {
  const indices = asIndices('ctcLoss', targets);
  if (indices.shape.length === 2 && indices.shape[0] === batch) return indices;
  if (indices.shape.length !== 1)
    throw new KindlingError(
      `ctcLoss: the targets have shape ${showShape(targets.shape)}; give [N, S] with N = ${batch}, or one sequence after ` +
        `another in one dimension`,
    );
  // nobody knows the longest without reading the lengths: it is at most the whole
  const total = indices.size;
  const before = where(arange(batch).lt(arange(batch).unsqueeze(1)), lengths, 0).sum(1, { keepDim: true });
  const position = minimum(before.add(arange(total)), Math.max(0, total - 1));
  return indices.expand(batch, total).gather(1, position);
}

/**
 * Connectionist temporal classification: the negative log likelihood of a sequence of labels, whichever way it is spread
 * over the T steps of the input. ℓ = −log Σ_paths Π_t p_t(path_t) over all paths of labels and blanks that become the
 * target when repeated labels are merged and then blanks dropped.
 *
 * Called with four tensors: `ctcLoss()(logProbs, targets, inputLengths, targetLengths)`; both lengths are integers.
 *
 * Shapes: logProbs [T, N, C], log-probabilities as `logSoftmax` gives them; targets class indices (int32) [N, S], of which
 * the first targetLengths count, or [Σ targetLengths], one sequence after another; lengths [N]. Without a batch: [T, C],
 * [S], [] and []. `reduction: 'none'` gives [N] or []; 'mean' divides each value by its target's length (at least 1) and
 * takes the mean over the batch; 'sum' adds the values.
 *
 * Defaults: `blank` 0, `zeroInfinity` false, `reduction` 'mean'. Where the input is too short for its target, the loss is
 * ∞, or 0 without a gradient for `zeroInfinity`.
 *
 * Errors: shapes that do not go together, targets or lengths of floats. A class index outside of 0 … C − 1 is reported when
 * a result is read. Lengths are not checked, since checking would mean reading them; those beyond T or S count as T and S.
 *
 * Source: PyTorch's `CTCLoss`; Graves et al., "Connectionist Temporal Classification". The gradient is the derivative with
 * respect to logProbs; PyTorch's adds exp(logProbs), which vanishes behind `logSoftmax`.
 */
export const ctcLoss = /* @__PURE__ */ defineLoss({
  name: 'ctcLoss',
  task: 'sequence',
  inputs: ['logProbs', 'targets', 'inputLengths', 'targetLengths'],
  output: 'logProbabilities',
  options: {
    blank: integer({ default: 0, minimum: 0, description: 'the class index that stands for no label' }),
    zeroInfinity: boolean({ default: false, description: 'count 0 for targets that are too long for their input' }),
  },
  reductions: {
    mean: (value, _weight, [, , , targetLengths]) =>
      value.div(maximum(asIndices('ctcLoss', targetLengths), 1).to(value.dtype)).mean(),
  },
  compute: (
    { blank, zeroInfinity },
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor,
    targetLengths: Tensor,
  ) => {
    const single = logProbs.shape.length === 2;
    const x = single ? logProbs.unsqueeze(1) : logProbs;
    if (x.shape.length !== 3)
      throw new KindlingError(`ctcLoss: logProbs has shape ${showShape(logProbs.shape)}; give [T, N, C] or [T, C]`);
    const [steps, batch, classes] = x.shape as readonly [number, number, number];
    if (steps === 0) throw new KindlingError('ctcLoss: logProbs has no steps');
    if (blank >= classes) throw new KindlingError(`ctcLoss: blank is ${blank}, but there are ${classes} classes`);
    for (const [what, t] of [
      ['inputLengths', inputLengths],
      ['targetLengths', targetLengths],
    ] as const)
      // prettier-ignore
      requireShape('ctcLoss', what, t, single ? [] : [batch]);
    const ends = asIndices('ctcLoss', inputLengths).reshape(batch);
    const lengths = asIndices('ctcLoss', targetLengths).reshape(batch);
    const rows = rowsOf(targets, lengths, batch);
    const size = rows.shape[1];
    const counts = minimum(lengths, size).unsqueeze(1);

    // blank, label, blank, label, …, blank
    const place = arange(2 * size + 1);
    const labels = where(arange(size).lt(counts), rows, blank).unsqueeze(2);
    const twice = labels.expand(batch, size, 2).reshape(batch, 2 * size);
    const path = where(place.mod(2).eq(1), twice.pad([[0, 0], [0, 1]]), blank); // prettier-ignore
    // a label may follow the label before it without a blank where they differ; the first starts from nothing
    const places = place.size;
    const twoBefore = path.pad([[0, 0], [2, 0]]).slice(undefined, [0, places]); // prettier-ignore
    const skips = place.eq(1).or(path.ne(blank).and(path.ne(twoBefore)).and(place.gt(1)));

    const active = arange(steps).unsqueeze(1).lt(ends);
    // [T, N, places]
    const emitted = clamp(x.gather(2, path.expand(steps, batch, places)), impossible);
    // two places before the first: where a path begins, and nothing
    const margin = (second: number): Tensor =>
      tensor(Float64Array.from({ length: places + 2 }, (_, i) => (i === 0 ? impossible : i === 1 ? second : 0))).to(
        x.dtype,
      );
    const closed = margin(impossible);
    const start = where(arange(places + 2).gt(1), impossible, margin(0)).expand(batch, places + 2);
    const from = (state: Tensor, shift: number): Tensor => state.slice(undefined, [2 - shift, places + 2 - shift]);
    let state = start;
    for (let step = 0; step < steps; step++) {
      const [stay, next, skip] = [from(state, 0), from(state, 1), where(skips, from(state, 2), impossible)];
      const after = logAdd(stay, next, skip).add(emitted.slice(step)).pad([[0, 0], [2, 0]]).add(closed); // prettier-ignore
      state = where(active.slice(step).unsqueeze(1), after, state);
    }
    const last = counts.mul(2).add(2);
    const beforeLast = where(counts.gt(0), last.sub(1), 0);
    const total = logAdd(state.gather(1, last), state.gather(1, beforeLast)).reshape(single ? [] : [batch]);
    const possible = total.gt(impossible / 2);
    return where(possible, total.neg(), zeroInfinity ? 0 : Infinity);
  },
});

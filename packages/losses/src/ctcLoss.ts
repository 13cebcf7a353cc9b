import {
  arange,
  asIndices,
  boolean,
  customGradient,
  defineLoss,
  integer,
  KindlingError,
  maximum,
  minimum,
  showShape,
  type Tensor,
  where,
  zeros,
} from '@kindling/core';
import { forwardSums, impossible, occupancy, type Paths, totalOf } from './common/ctcPaths.js';
import { requireShape } from './common/elementwise.js';

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
 * respect to logProbs; PyTorch's adds exp(logProbs), which vanishes behind `logSoftmax`. It is computed from the sums of the
 * paths before and after each step; one kernel serves all steps.
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
    const places = 2 * size + 1;
    const place = arange(places);
    const labels = where(arange(size).lt(counts), rows, blank).unsqueeze(2);
    const twice = labels.expand(batch, size, 2).reshape(batch, 2 * size);
    const path = where(place.mod(2).eq(1), twice.pad([[0, 0], [0, 1]]), blank); // prettier-ignore
    // a label may follow the label before it without a blank where they differ
    const twoBefore = path.pad([[0, 0], [2, 0]]).slice(undefined, [0, places]); // prettier-ignore
    const skips = path.ne(blank).and(path.ne(twoBefore)).and(place.gt(1));
    const at = path.expand(steps, batch, places);
    const pathsOf = (logs: Tensor): Paths => ({
      emitted: maximum(logs.gather(2, at), impossible),
      skips,
      ends,
      counts,
    });
    const total = customGradient(
      [x],
      ([logs]) => totalOf(forwardSums(pathsOf(logs)), counts),
      (g, _total, [logs]) => {
        const paths = pathsOf(logs);
        const forward = forwardSums(paths);
        const share = occupancy(paths, forward, totalOf(forward, counts));
        return [zeros(logs.shape, { dtype: logs.dtype as 'float32' }).scatterAdd(2, at, share.mul(g.unsqueeze(1)))];
      },
    );
    const possible = total.gt(impossible / 2);
    const value = where(possible, total.neg(), zeroInfinity ? 0 : Infinity);
    return value.reshape(single ? [] : [batch]);
  },
});

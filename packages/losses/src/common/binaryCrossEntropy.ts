import { customGradient, log1p, maximum, type Tensor, where } from '@kindling/core';

/** −log σ(x) and −log(1 − σ(x)): exp never overflows, and nothing cancels. */
function costs(x: Tensor): [yes: Tensor, no: Tensor] {
  const tail = log1p(x.abs().neg().exp());
  return [maximum(x.neg(), 0).add(tail), maximum(x, 0).add(tail)];
}

/** σ(x), or 1 − σ(x), with all of its digits. The gradient is written down: that of |x| is 0 at 0, this one ±¼. */
function chance(x: Tensor, yes: boolean): Tensor {
  return customGradient(
    [x],
    ([v]) => {
      const small = v.abs().neg().exp();
      return where(yes ? v.gt(0) : v.le(0), 1, small).div(small.add(1));
    },
    (g, y, [v]) => [(yes ? g : g.neg()).mul(y).mul(chance(v, !yes))],
  );
}

/** σ(x) and 1 − σ(x). */
export function chances(x: Tensor): [yes: Tensor, no: Tensor] {
  return [chance(x, true), chance(x, false)];
}

/** −t·log σ(x) − (1 − t)·log(1 − σ(x)), with the first term times `positive`. */
export function binaryCrossEntropy(input: Tensor, target: Tensor, positive: Tensor | undefined): Tensor {
  const emphasize = (yes: Tensor): Tensor => (positive === undefined ? yes : yes.mul(positive));
  return customGradient(
    [input, target],
    ([x, t]) => {
      const [yes, no] = costs(x);
      return emphasize(yes)
        .mul(t)
        .add(no.mul(t.neg().add(1)));
    },
    (g, _loss, [x, t]) => {
      const [yes, no] = chances(x);
      const [costOfYes, costOfNo] = costs(x);
      return [g.mul(yes.mul(t.neg().add(1)).sub(emphasize(no).mul(t))), g.mul(emphasize(costOfYes).sub(costOfNo))];
    },
  );
}

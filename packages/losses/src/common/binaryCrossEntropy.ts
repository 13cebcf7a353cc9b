import { customGradient, log1p, maximum, type Tensor, where } from '@kindling/core';

/** −log σ(x) and −log(1 − σ(x)): exp never overflows, and nothing cancels. */
function costs(x: Tensor): [yes: Tensor, no: Tensor] {
  const tail = log1p(x.abs().neg().exp());
  return [maximum(x.neg(), 0).add(tail), maximum(x, 0).add(tail)];
}

/** σ(x) and 1 − σ(x), each with all of its digits. */
export function chances(x: Tensor): [yes: Tensor, no: Tensor] {
  const small = x.abs().neg().exp();
  const total = small.add(1);
  const [likely, unlikely] = [total.pow(-1), small.div(total)];
  const positive = x.gt(0);
  return [where(positive, likely, unlikely), where(positive, unlikely, likely)];
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

import {
  boolean,
  choice,
  defineOptimizer,
  integer,
  maximum,
  number,
  showShape,
  type Tensor,
  tuple,
  zerosLike,
} from '@kindling/core';
import { runningMean } from './common/moments.js';
import { length } from './common/norm.js';
import { decoupledDecay, learningRate } from './common/options.js';

/** About U·Vᵀ of x = U·S·Vᵀ: all singular values near 1, by some steps of a Newton-Schulz iteration. */
function orthogonalised(x: Tensor, [a, b, c]: readonly [Tensor, Tensor, Tensor], eps: Tensor, steps: number): Tensor {
  const [rows, columns] = x.shape as readonly [number, number];
  const tall = rows > columns;
  let out = tall ? x.transpose() : x;
  out = out.div(maximum(length(out), eps));
  for (let i = 0; i < steps; i++) {
    const gram = out.matmul(out.transpose());
    const power = gram.mul(b).add(gram.matmul(gram).mul(c));
    out = out.mul(a).add(power.matmul(out));
  }
  return tall ? out.transpose() : out;
}

/**
 * Muon: momentum whose matrix is made orthogonal, so that every direction of a weight matrix is learnt equally fast. For
 * matrices only: give biases, embeddings and gains to another optimizer, such as `adamw`.
 *
 * With gradient g (−g for `maximize`), parameter θ [A, B], momentum μ and weight decay λ:
 * - m ← μ·m + (1 − μ)·g
 * - u = m, or (1 − μ)·g + μ·m with `nesterov`
 * - u ← u / max(‖u‖, eps), and `nsSteps` times u ← a·u + (b·u·uᵀ + c·(u·uᵀ)²)·u, on the transposed where A > B
 * - θ ← θ·(1 − lr·λ) − lr·s·u, with s = √max(1, A/B) for `adjustLrFn` 'original', 0.2·√max(A, B) for 'match_rms_adamw',
 *   which lets `lr` and `weightDecay` of AdamW be used
 *
 * Defaults: `lr` 1e-3, `weightDecay` 0.1, `momentum` 0.95, `nesterov` true, `nsCoefficients` [3.4445, −4.775, 2.0315], `eps`
 * 1e-7, `nsSteps` 5, `adjustLrFn` 'original', `maximize` false. State: `momentumBuffer`, of the parameter's shape.
 *
 * Errors: a parameter that is no matrix; a negative `lr`, `weightDecay` or `eps`, a `momentum` outside of [0, 1), fewer than 1
 * or more than 99 `nsSteps`.
 *
 * Source: PyTorch's `Muon`, which iterates in bfloat16, and this in the parameter's dtype; Jordan et al., "Muon: An optimizer
 * for hidden layers in neural networks".
 */
export const muon = /* @__PURE__ */ defineOptimizer({
  name: 'muon',
  options: {
    lr: learningRate(1e-3),
    weightDecay: decoupledDecay(0.1),
    momentum: number({
      default: 0.95,
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'how much of the momentum is kept',
    }),
    nesterov: boolean({ default: true, description: 'look ahead along the momentum' }),
    nsCoefficients: tuple({
      default: [3.4445, -4.775, 2.0315],
      description: 'of the Newton-Schulz iteration, from the first power to the fifth',
    }),
    eps: number({ default: 1e-7, minimum: 0, description: 'the least length of a matrix before the iteration' }),
    nsSteps: integer({ default: 5, minimum: 1, maximum: 99, description: 'steps of the Newton-Schulz iteration' }),
    adjustLrFn: choice(['original', 'match_rms_adamw'], {
      default: 'original',
      description: "how the learning rate depends on the matrix's shape",
    }),
  },
  accepts: ({ shape }) =>
    shape.length === 2
      ? undefined
      : `a parameter of shape ${showShape(shape)} is no matrix; give it to another optimizer, such as adamw: combineOptimizers makes one of both`,
  init: (parameter) => ({ momentumBuffer: zerosLike(parameter) }),
  scalars: ({ lr, weightDecay, momentum, nsCoefficients: [a, b, c], eps }) => ({
    lr,
    keep: momentum,
    fresh: 1 - momentum,
    a,
    b,
    c,
    eps,
    shrink: 1 - lr * weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars, options: { nesterov, nsSteps, adjustLrFn } }) => {
    const { keep, fresh, a, b, c, eps } = scalars;
    const momentumBuffer = runningMean(state.momentumBuffer, gradient, keep, fresh);
    const ahead = nesterov ? runningMean(momentumBuffer, gradient, keep, fresh) : momentumBuffer;
    const [rows, columns] = parameter.shape as readonly [number, number];
    const scale =
      adjustLrFn === 'original' ? Math.sqrt(Math.max(1, rows / columns)) : 0.2 * Math.sqrt(Math.max(rows, columns));
    const step = orthogonalised(ahead, [a, b, c], eps, nsSteps).mul(scalars.lr.mul(scale));
    return { parameter: parameter.mul(scalars.shrink).sub(step), state: { momentumBuffer } };
  },
});

import { defineOptimizer, type Field, maximum, number, type Tensor, zeros } from '@kindling/core';
import { runningMean } from './common/moments.js';
import { length } from './common/norm.js';
import { decoupledDecay, learningRate } from './common/options.js';

/** PyTorch's pair; its first may be left open. */
function epsilons(): Field<readonly [number | undefined, number]> {
  const valid = (x: unknown): boolean => typeof x === 'number' && x >= 0;
  const field: Omit<Field<readonly [number | undefined, number]>, 'type' | 'required'> = {
    kind: 'tuple',
    default: [undefined, 1e-3],
    description:
      'the least root of the second moment (that of the dtype where undefined), and the least parameter length',
    json: { type: 'array', items: { type: 'number', minimum: 0 }, minItems: 2, maxItems: 2 },
    problem: (v) =>
      Array.isArray(v) && v.length === 2 && (v[0] === undefined || v[0] === null || valid(v[0])) && valid(v[1])
        ? undefined
        : 'must be two numbers of at least 0, of which the first may be undefined',
  };
  return field as Field<readonly [number | undefined, number]>;
}

/** The distance from 1 to the next number. */
const spacing = { float16: 2 ** -10, float32: 2 ** -23, float64: 2 ** -52 } as Readonly<Record<string, number>>;

const rootMeanSquare = (t: Tensor): Tensor => length(t).div(Math.sqrt(Math.max(1, t.size)));

/**
 * Adafactor: the second moment of a matrix is kept as its rows' and columns' means, whose product estimates it: n + m numbers
 * of state and not n·m. Steps are relative to the parameter's length, and limited.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ, ε₁ and ε₂ of `eps`, step t = 1, 2, …, γ = t^`beta2Decay`,
 * RMS(x) = ‖x‖ / √size and α = max(ε₂, RMS(θ)) · min(lr, 1/√t):
 * - θ ← θ·(1 − lr·λ)
 * - two dimensions or more: R ← (1 − γ)·R + γ·(row means of g²), C ← (1 − γ)·C + γ·(column means of g²),
 *   V = R·C / max(mean(R), ε₁)
 * - else: V ← (1 − γ)·V + γ·g²
 * - U = g / √max(V, ε₁²)
 * - θ ← θ − α · U / max(1, RMS(U) / d)
 *
 * Defaults: `lr` 1e-2, `beta2Decay` −0.8, `eps` [undefined, 1e-3] (the first is then the spacing of the dtype at 1), `d` 1,
 * `weightDecay` 0, `maximize` false. State: `rowVar` [*, n, 1] and `colVar` [*, 1, m] for parameters [*, n, m], or `variance`
 * of the parameter's shape.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a positive `beta2Decay`, a `d` below 1.
 *
 * Source: PyTorch's `Adafactor`; Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost".
 */
export const adafactor = /* @__PURE__ */ defineOptimizer({
  name: 'adafactor',
  options: {
    lr: learningRate(1e-2),
    beta2Decay: number({ default: -0.8, maximum: 0, description: 'the power of the step that weighs new squares' }),
    eps: epsilons(),
    d: number({ default: 1, minimum: 1, description: 'the greatest root mean square of an update' }),
    weightDecay: decoupledDecay(0),
  },
  init: (parameter): Record<string, Tensor> => {
    const { shape, dtype } = parameter;
    if (shape.length < 2) return { variance: zeros(shape, { dtype }) };
    return {
      rowVar: zeros([...shape.slice(0, -1), 1], { dtype }),
      colVar: zeros([...shape.slice(0, -2), 1, shape.at(-1)!], { dtype }),
    };
  },
  scalars: ({ lr, beta2Decay, eps: [eps1, eps2], d, weightDecay }, step) => ({
    fresh: step ** beta2Decay,
    keep: 1 - step ** beta2Decay,
    rate: Math.min(lr, 1 / Math.sqrt(step)),
    least: eps1 ?? 0,
    leastSquare: (eps1 ?? 0) ** 2,
    leastLength: eps2,
    limit: 1 / d,
    shrink: 1 - lr * weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars, options: { eps } }) => {
    const open = (eps[0] ?? undefined) === undefined;
    const own = spacing[parameter.dtype];
    const rate = maximum(rootMeanSquare(parameter), scalars.leastLength).mul(scalars.rate);
    const square = gradient.mul(gradient);
    const mean = (name: string, value: Tensor): Tensor => runningMean(state[name], value, scalars.keep, scalars.fresh);
    let estimate: Tensor;
    let next: Record<string, Tensor>;
    if (state['variance'] === undefined) {
      const rowVar = mean('rowVar', square.mean(-1, { keepDim: true }));
      const colVar = mean('colVar', square.mean(-2, { keepDim: true }));
      const overall = maximum(rowVar.mean(-2, { keepDim: true }), open ? own : scalars.least);
      estimate = rowVar.div(overall).mul(colVar);
      next = { rowVar, colVar };
    } else {
      estimate = mean('variance', square);
      next = { variance: estimate };
    }
    const update = gradient.div(maximum(estimate, open ? own * own : scalars.leastSquare).sqrt());
    const scale = rate.div(maximum(rootMeanSquare(update).mul(scalars.limit), 1));
    return { parameter: parameter.mul(scalars.shrink).sub(update.mul(scale)), state: next };
  },
});

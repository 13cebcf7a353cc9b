import {
  assign,
  choice,
  commit,
  integer,
  keep,
  KindlingError,
  noGrad,
  number,
  scalar,
  type Tensor,
} from '@kindling/core';
import { defineHostOptimizer } from '@kindling/core/modelScope';
import type { Sample } from './common/cubicInterpolate.js';
import { flatten, unflatten } from './common/flat.js';
import { learningRate, optional } from './common/options.js';
import { strongWolfe } from './common/strongWolfe.js';

/** What of the history is gone through in one program. One program a length: a history that grows compiles nothing. */
const stretches = [8, 4, 2, 1];

const dot = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum();

/** A point of the line, with the gradient there. */
interface Point extends Sample {
  readonly gradient: Tensor;
  readonly greatest: number;
}

/** Calls `body` for stretches of 0, 1, …, count − 1, or of the same backwards. */
function inStretches(count: number, backwards: boolean, body: (indices: readonly number[]) => void): void {
  const all = Array.from({ length: count }, (_, i) => (backwards ? count - 1 - i : i));
  for (const length of stretches) while (all.length >= length) body(all.splice(0, length));
}

/**
 * L-BFGS: a quasi-Newton method, which estimates the curvature from the last changes of the gradient. One step is up to
 * `maxIter` iterations on the same data; for few parameters and full batches it is often the fastest there is.
 *
 * With gradient g and the last `historySize` pairs sᵢ = θᵢ₊₁ − θᵢ, yᵢ = gᵢ₊₁ − gᵢ with sᵢ·yᵢ > 1e-10:
 * - d = −H·g, by the two-loop recursion over the pairs from H₀ = (s·y)/(y·y) of the last one; −g in the very beginning
 * - t = `lr`, in the very beginning min(1, 1/‖g‖₁)·lr; with `lineSearchFn` 'strong_wolfe' the length that a search for the
 *   strong Wolfe conditions finds from there
 * - θ ← θ + t·d
 *
 * A step ends after `maxIter` iterations or `maxEval` evaluations, where all of the gradient is within `toleranceGrad`, or
 * where the slope along d, t·d or the change of the loss is within `toleranceChange`.
 *
 * `await optimizer.step(closure)`: the closure clears the gradients, computes the loss, calls `backward` and returns the
 * loss. The result is the loss before the step.
 *
 * Defaults: `lr` 1, `maxIter` 20, `maxEval` undefined (1.25·maxIter), `toleranceGrad` 1e-7, `toleranceChange` 1e-9,
 * `historySize` 100, `lineSearchFn` 'none', `maximize` false. State of the model: `d`, `prevFlatGrad`, the lists `oldDirs`
 * (the yᵢ), `oldStps` (the sᵢ) and `ro`, and the numbers `nIter`, `funcEvals`, `t`, `hDiag`, `prevLoss`.
 *
 * Errors: more than one group, parameters of different dtypes, a step without a closure or within a compiled function, a
 * negative `lr` or tolerance.
 *
 * Source: PyTorch's `LBFGS`; Nocedal and Wright, "Numerical Optimization", algorithm 7.5.
 */
export const lbfgs = /* @__PURE__ */ defineHostOptimizer({
  name: 'lbfgs',
  options: {
    lr: /* @__PURE__ */ learningRate(1),
    maxIter: /* @__PURE__ */ integer({ default: 20, minimum: 1, description: 'the most iterations in a step' }),
    maxEval: /* @__PURE__ */ optional(
      integer({ default: 25, minimum: 1 }),
      'the most evaluations in a step; 1.25 times maxIter where undefined',
    ),
    toleranceGrad: /* @__PURE__ */ number({
      default: 1e-7,
      minimum: 0,
      description: 'a step ends where no element of the gradient is greater',
    }),
    toleranceChange: /* @__PURE__ */ number({
      default: 1e-9,
      minimum: 0,
      description: 'a step ends where the loss or the parameters change less',
    }),
    historySize: /* @__PURE__ */ integer({ default: 100, minimum: 1, description: 'how many changes are remembered' }),
    lineSearchFn: /* @__PURE__ */ choice(['none', 'strong_wolfe'], {
      default: 'none',
      description: 'how the length of a step is found',
    }),
  },
  steadier: { lineSearchFn: 'strong_wolfe' },
  numbers: { nIter: 0, funcEvals: 0, t: 0, hDiag: 1, prevLoss: 0 },
  step: async ({ options, parameters, numbers, state, evaluate, read }) => {
    const { lr, maxIter, toleranceGrad, toleranceChange, historySize } = options;
    const maxEval = options.maxEval ?? Math.floor((maxIter * 5) / 4);
    const [{ dtype }] = parameters;
    const other = parameters.find((p) => p.dtype !== dtype);
    if (other !== undefined)
      throw new KindlingError(
        `lbfgs: the parameters have the dtypes ${dtype} and ${other.dtype}; cast them to one, or give each dtype an optimizer`,
      );
    const run = (x: number): Tensor => scalar(x, { dtype });

    /** The two-loop recursion; the result is `d` of the state. */
    const direction = (gradient: Tensor): void => {
      const [ys, ss, ro] = [state.list('oldDirs'), state.list('oldStps'), state.list('ro')];
      const al: Tensor[] = [];
      state.set('d', gradient.neg());
      inStretches(ys.length, true, (indices) => {
        let q = state.get('d')!;
        for (const i of indices) {
          al[i] = keep(dot(ss[i], q).mul(ro[i]));
          q = q.sub(ys[i].mul(al[i]));
        }
        state.set('d', q);
        commit();
      });
      state.set('d', state.get('d')!.mul(run(numbers.hDiag)));
      inStretches(ys.length, false, (indices) => {
        let r = state.get('d')!;
        for (const i of indices) r = r.add(ss[i].mul(al[i].sub(dot(ys[i], r).mul(ro[i]))));
        state.set('d', r);
        commit();
      });
      for (const t of al) t.dispose();
    };

    const gradients: Tensor[] = [];
    const point = async (t: number, along?: { from: Tensor; direction: Tensor }): Promise<Point> => {
      const found = evaluate(along && unflatten(parameters, along.from.add(along.direction.mul(run(t)))));
      numbers.funcEvals += 1;
      evaluations += 1;
      const gradient = keep(noGrad(() => flatten(parameters, found.gradients)));
      gradients.push(gradient);
      const slope = along === undefined ? run(0) : dot(gradient, along.direction);
      const [f, s, greatest] = await read(found.loss.detach().to(dtype), slope, gradient.abs().max());
      return { t, f, slope: s, gradient, greatest };
    };
    let evaluations = 0;
    let now = await point(0);
    if (now.greatest > toleranceGrad || Number.isNaN(now.greatest)) {
      for (let iteration = 1; ; iteration++) {
        numbers.nIter += 1;
        if (numbers.nIter === 1) {
          for (const list of ['oldDirs', 'oldStps', 'ro']) state.clear(list);
          numbers.hDiag = 1;
          state.set('d', now.gradient.neg());
        } else {
          const y = keep(now.gradient.sub(state.get('prevFlatGrad')!));
          const s = keep(state.get('d')!.mul(run(numbers.t)));
          const [ys, yy] = await read(dot(y, s), dot(y, y));
          if (ys > 1e-10) {
            state.push('oldDirs', y, historySize);
            state.push('oldStps', s, historySize);
            state.push('ro', run(1 / ys), historySize);
            numbers.hDiag = ys / yy;
          }
          commit();
          y.dispose();
          s.dispose();
          direction(now.gradient);
        }
        state.set('prevFlatGrad', now.gradient);
        numbers.prevLoss = now.f;
        const d = state.get('d')!;
        const [slope, length, reach] = await read(dot(now.gradient, d), now.gradient.abs().sum(), d.abs().max());
        numbers.t = numbers.nIter === 1 ? Math.min(1, 1 / length) * lr : lr;
        if (slope > -toleranceChange) break;

        const from = keep(flatten(parameters));
        commit();
        const along = { from, direction: d };
        const last = iteration === maxIter;
        if (options.lineSearchFn === 'strong_wolfe') {
          now = await strongWolfe<Point>({
            evaluate: (t) => point(t, along),
            start: { ...now, t: 0, slope },
            first: numbers.t,
            reach,
            tolerance: 1e-9,
          });
          numbers.t = now.t;
        } else if (!last) now = await point(numbers.t, along);
        // a search may have looked further
        unflatten(parameters, from.add(d.mul(run(numbers.t)))).forEach((v, i) => {
          assign(parameters[i], v);
        });
        commit();
        from.dispose();
        for (const g of gradients.splice(0)) if (g !== now.gradient) g.dispose();
        gradients.push(now.gradient);
        if (last || evaluations >= maxEval) break;
        if (now.greatest <= toleranceGrad) break;
        if (reach * Math.abs(numbers.t) <= toleranceChange) break;
        if (Math.abs(now.f - numbers.prevLoss) < toleranceChange) break;
      }
    }
    for (const g of gradients) g.dispose();
  },
});

import { cubicInterpolate, type Sample } from './cubicInterpolate.js';

export interface LineSearch<P extends Sample> {
  /** The point at a step length. */
  readonly evaluate: (t: number) => Promise<P>;
  /** The start, at 0. */
  readonly start: P;
  /** The first length to be tried. */
  readonly first: number;
  /** The greatest element of the direction: a bracket that is shorter than `tolerance` along it ends the search. */
  readonly reach: number;
  readonly tolerance: number;
}

/** The sufficient decrease, the share of the slope that may be left, and the most interpolations. */
const [decrease, curvature, most] = [1e-4, 0.9, 25];

/**
 * A length at which the value is lower by enough and the slope is flat enough (the strong Wolfe conditions): first a
 * bracket that holds one, then cubic interpolation within. The best point found where there is none.
 *
 * Source: PyTorch's `_strong_wolfe`, after minFunc; Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6.
 */
export async function strongWolfe<P extends Sample>(search: LineSearch<P>): Promise<P> {
  const { evaluate, start, first, reach, tolerance } = search;
  const tooHigh = (p: P): boolean => p.f > start.f + decrease * p.t * start.slope;
  const flat = (p: P): boolean => Math.abs(p.slope) <= -curvature * start.slope;
  let before = start;
  let now = await evaluate(first);
  let iterations = 0;
  let bracket: [P, P] | undefined;
  while (iterations < most) {
    if (tooHigh(now) || (iterations > 1 && now.f >= before.f)) {
      bracket = [before, now];
      break;
    }
    if (flat(now)) return now;
    if (now.slope >= 0) {
      bracket = [before, now];
      break;
    }
    const t = cubicInterpolate(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10);
    before = now;
    now = await evaluate(t);
    iterations += 1;
  }
  bracket ??= [start, now];

  const lower = ([a, b]: readonly [P, P]): 0 | 1 => (a.f <= b.f ? 0 : 1);
  let low = lower(bracket);
  let insufficient = false;
  while (iterations < most) {
    const [a, b] = bracket;
    const [least, greatest] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
    if ((greatest - least) * reach < tolerance) break;
    let t = cubicInterpolate(a, b);
    // near an end for the second time, or at it: a tenth of the bracket away from it
    const margin = 0.1 * (greatest - least);
    if (Math.min(greatest - t, t - least) < margin) {
      if (insufficient || t >= greatest || t <= least) {
        t = Math.abs(t - greatest) < Math.abs(t - least) ? greatest - margin : least + margin;
        insufficient = false;
      } else insufficient = true;
    } else insufficient = false;
    now = await evaluate(t);
    iterations += 1;
    const high = low === 0 ? 1 : 0;
    if (tooHigh(now) || now.f >= bracket[low].f) {
      bracket[high] = now;
      low = lower(bracket);
    } else {
      if (flat(now)) return now;
      if (now.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
      bracket[low] = now;
    }
  }
  return bracket[low];
}

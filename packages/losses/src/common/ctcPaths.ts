import { arange, concat, maximum, minimum, type Tensor, where } from '@kindling/core';

/** Stands for log 0: finite, so that no difference of two is NaN, and so low that adding a log-probability changes nothing. */
export const impossible = -1e30;

/** log(eᵃ + eᵇ + …). */
function logAdd(...terms: readonly Tensor[]): Tensor {
  const greatest = terms.reduce((a, b) => maximum(a, b)).detach();
  return terms
    .map((t) => t.sub(greatest).exp())
    .reduce((a, b) => a.add(b))
    .log()
    .add(greatest);
}

/** Where the paths of a batch may be and go: a row of places, blank, label, blank, …, blank, for each sample. */
export interface Paths {
  /** log p of the label of each place at each step: [T, N, places]. */
  readonly emitted: Tensor;
  /** Which places may be reached from two places before: [N, places]. */
  readonly skips: Tensor;
  /** How many steps each sample has: [N]. */
  readonly ends: Tensor;
  /** How many labels: [N, 1]. */
  readonly counts: Tensor;
}

/**
 * The row of a step. The number is a value that is filled in, not a part of the program: all steps are one kernel, and
 * longer inputs compile nothing more.
 */
function rowAt(t: Tensor, step: number): Tensor {
  return t.indexSelect(0, arange(1).add(step)).squeeze(0);
}

/** Places moved by `by` to the right, and log 0 where nothing comes from. */
function moved(state: Tensor, by: number): Tensor {
  const places = state.shape[1];
  const from = arange(places);
  if (by > 0)
    return where(from.lt(by), impossible, state.pad([[0, 0], [by, 0]]).slice(undefined, [0, places])); // prettier-ignore
  return where(from.ge(places + by), impossible, state.pad([[0, 0], [0, -by]]).slice(undefined, [-by, places - by])); // prettier-ignore
}

/** For each step, log Σ of the paths from the start that are at a place after it: [N, places]. */
export function forwardSums({ emitted, skips, ends }: Paths): readonly Tensor[] {
  const [steps, , places] = emitted.shape;
  let state = where(arange(places).lt(2).and(ends.gt(0).unsqueeze(1)), rowAt(emitted, 0), impossible); // prettier-ignore
  const sums = [state];
  for (let step = 1; step < steps; step++) {
    const jumped = where(skips, moved(state, 2), impossible);
    const after = logAdd(state, moved(state, 1), jumped).add(rowAt(emitted, step));
    state = where(ends.gt(step).unsqueeze(1), after, state);
    sums.push(state);
  }
  return sums;
}

/** For each step, log Σ of the ways on from a place to the end, without what the step itself emits: [N, places]. */
function backwardSums({ emitted, skips, ends, counts }: Paths): readonly Tensor[] {
  const [steps, batch, places] = emitted.shape;
  const place = arange(places);
  const last = place.eq(counts.mul(2)).or(place.add(1).eq(counts.mul(2)));
  const done = where(last, 0, impossible).to(emitted.dtype).expand(batch, places);
  let state = done;
  const sums = [state];
  for (let step = steps - 2; step >= 0; step--) {
    const next = state.add(rowAt(emitted, step + 1));
    const jumped = moved(where(skips, next, impossible), -2);
    const before = logAdd(next, moved(next, -1), jumped);
    state = where(ends.gt(step + 1).unsqueeze(1), before, done);
    sums.push(state);
  }
  return sums.reverse();
}

/** [N, places] each to [T, N, places], four at a time: few kinds of kernels, whatever T is, and few buffers in each. */
function stacked(list: readonly Tensor[]): Tensor {
  let parts = list.map((t) => t.unsqueeze(0));
  while (parts.length > 1)
    parts = Array.from({ length: Math.ceil(parts.length / 4) }, (_, i) => concat(parts.slice(4 * i, 4 * i + 4)));
  return parts[0];
}

/** log Σ of all paths: [N]. Impossible ones are near `impossible`. */
export function totalOf(sums: readonly Tensor[], counts: Tensor): Tensor {
  const state = sums.at(-1)!;
  const last = state.gather(1, counts.mul(2));
  const before = where(counts.gt(0), state.gather(1, maximum(counts.mul(2).sub(1), 0)), impossible);
  return logAdd(last, before).squeeze(1);
}

/** The share of all paths that is at each place at each step, 0 after a sample's end: [T, N, places]. */
export function occupancy(paths: Paths, forward: readonly Tensor[], total: Tensor): Tensor {
  const [steps] = paths.emitted.shape;
  const through = stacked(backwardSums(paths).map((after, step) => forward[step].add(after)));
  // at most 1; for a sample without any path there would be no such bound
  const share = minimum(through.sub(total.unsqueeze(1)), 1).exp();
  return where(arange(steps).unsqueeze(1).lt(paths.ends).unsqueeze(2), share, 0);
}

/**
 * Convolution and its gradients. There are three maps, each linear in both of its operands, and the gradients of each are
 * the other two: so gradients of gradients are convolutions, too.
 *
 * - `convolve(x, w)`: the windows of x, times w
 * - `spread(y, w)`: each element of y spreads w over its window (the transposed convolution)
 * - `correlate(x, y)`: the windows of x, times y (the gradient of w)
 *
 * x is [batch, groups, c, ...input], w is [groups, o, c, ...kernel], y is [batch, groups, o, ...output]. All are one
 * contraction whose operand is a view (`unfold`): a device that packs operands evaluates it there, and never makes a copy
 * of all windows. Where a group has one channel (depthwise), a contraction would have one row; then it is a sum.
 */
import { customGradient } from '../customGradient.js';
import * as operations from '../operations.js';
import { Tensor } from '../tensor.js';

/** One dimension that the windows move along. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the input and after it. */
  readonly padding: readonly [before: number, after: number];
}

export function convolve(x: Tensor, w: Tensor, axes: readonly Axis[]): Tensor {
  return customGradient([x, w], ([v, u]) => computeConvolve(v, u, axes), (g, _, [v, u]) => [
    v.requiresGrad ? spread(g, u, axes) : undefined,
    u.requiresGrad ? correlate(v, g, axes) : undefined,
  ]); // prettier-ignore
}

export function spread(y: Tensor, w: Tensor, axes: readonly Axis[]): Tensor {
  return customGradient([y, w], ([v, u]) => computeSpread(v, u, axes), (g, _, [v, u]) => [
    v.requiresGrad ? convolve(g, u, axes) : undefined,
    u.requiresGrad ? correlate(g, v, axes) : undefined,
  ]); // prettier-ignore
}

function correlate(x: Tensor, y: Tensor, axes: readonly Axis[]): Tensor {
  return customGradient([x, y], ([v, u]) => computeCorrelate(v, u, axes), (g, _, [v, u]) => [
    v.requiresGrad ? spread(u, g, axes) : undefined,
    u.requiresGrad ? convolve(v, g, axes) : undefined,
  ]); // prettier-ignore
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
export const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Zeros added where a width is positive, elements cut off where it is negative: [before, after] for the last dimensions. */
function fit(x: Tensor, widths: readonly (readonly [number, number])[]): Tensor {
  const lead = x.shape.length - widths.length;
  const all = x.shape.map((_, d) => widths[d - lead] ?? [0, 0]);
  const padded = x.pad(all.map(([before, after]) => [Math.max(0, before), Math.max(0, after)]));
  const cut = all.map(([before, after], d) => [Math.max(0, -before), padded.shape[d] + Math.min(0, after)] as const);
  return padded.slice(...cut);
}

/** [...lead, ...input] to [...lead, ...output, ...kernel] */
export function windows(x: Tensor, axes: readonly Axis[]): Tensor {
  const lead = x.shape.length - axes.length;
  return axes.reduce((t, a, i) => new Tensor(operations.unfold(t.node, lead + i, a.kernel, a.stride, a.dilation)), fit(x, axes.map((a) => a.padding))); // prettier-ignore
}

/** Whether sums of products are better off as a sum than as a contraction with these rows. */
const few = (rows: number, terms: number): boolean => rows === 1 || terms === 1;

function computeConvolve(x: Tensor, w: Tensor, axes: readonly Axis[]): Tensor {
  const rank = axes.length;
  const [batch, groups, c] = x.shape;
  const o = w.shape[1];
  const kernel = axes.map((a) => a.kernel);
  const output = axes.map((a) => a.output);
  const terms = c * product(kernel);
  const patches = windows(x, axes); // [batch, groups, c, ...output, ...kernel]
  if (few(o, terms)) {
    const weight = w.reshape([groups, o, c, ...output.map(() => 1), ...kernel]);
    return total(patches.unsqueeze(2).mul(weight), [3, ...range(4 + rank, rank)]);
  }
  const columns = patches.permute(0, 1, 2, ...range(3 + rank, rank), ...range(3, rank)); // taps before places
  return w
    .reshape(groups, o, terms)
    .matmul(columns.reshape(batch, groups, terms, product(output)))
    .reshape([batch, groups, o, ...output]);
}

function computeCorrelate(x: Tensor, y: Tensor, axes: readonly Axis[]): Tensor {
  const rank = axes.length;
  const [batch, groups, c] = x.shape;
  const o = y.shape[2];
  const kernel = axes.map((a) => a.kernel);
  const places = batch * product(axes.map((a) => a.output));
  const patches = windows(x, axes);
  if (o === 1 && c === 1) {
    const gradient = y.reshape([...y.shape, ...kernel.map(() => 1)]);
    return total(patches.mul(gradient), [0, ...range(3, rank)]).unsqueeze(1);
  }
  const rows = y.permute(1, 2, 0, ...range(3, rank)).reshape(groups, o, places);
  const columns = patches.permute(1, 0, ...range(3, rank), 2, ...range(3 + rank, rank));
  return rows.matmul(columns.reshape(groups, places, c * product(kernel))).reshape([groups, o, c, ...kernel]);
}

/**
 * x[i] = Σ_t w[t] · y[(i + before − t·dilation) / stride], where that is whole. With a stride s the positions fall into s
 * phases that do not meet: position s·q + r (counted from the padding's start) takes the taps s·u + r from y[q − u]. So
 * the phases are further rows of one contraction over y at its own size, and no zeros are put between its elements.
 */
function computeSpread(y: Tensor, w: Tensor, given: readonly Axis[]): Tensor {
  const { taps, reach, assemble, steps, used, places } = spreading(w, given);
  const rank = given.length;
  const [batch, groups, o] = y.shape;
  const c = w.shape[2];
  const reached = reach(y);
  const [rows, terms] = [c * product(used), o * product(steps)];
  if (few(rows, terms) || (c === 1 && o === 1)) {
    const weight = taps.reshape([groups, c, ...used, o, ...places.map(() => 1), ...steps]);
    const value = reached.reshape([batch, groups, 1, ...used.map(() => 1), o, ...places, ...steps]);
    return assemble(total(value.mul(weight), [3 + rank, ...range(4 + 2 * rank, rank)]));
  }
  const columns = reached.permute(0, 1, 2, ...range(3 + rank, rank), ...range(3, rank));
  const out = taps.reshape(groups, rows, terms).matmul(columns.reshape(batch, groups, terms, product(places)));
  return assemble(out.reshape([batch, groups, c, ...used, ...places]));
}

export interface Spreading {
  /** The taps of each phase, the last first: [groups, c, ...used, o, ...steps]. */
  readonly taps: Tensor;
  /** [batch, groups, o, ...output] to [batch, groups, o, ...places, ...steps]: what meets the taps at each place. */
  readonly reach: (y: Tensor) => Tensor;
  /** [batch, groups, c, ...used, ...places] to [batch, groups, c, ...input]. */
  readonly assemble: (out: Tensor) => Tensor;
  readonly steps: readonly number[];
  readonly used: readonly number[];
  readonly places: readonly number[];
}

/** The parts of `spread`, for those who put together the elements and the taps in a way of their own. */
export function spreading(w: Tensor, given: readonly Axis[]): Spreading {
  const rank = given.length;
  let axes = given;
  if (axes.some((a) => a.stride > 1 && a.dilation > 1)) {
    // phases and gaps do not go together: the gaps become zeros of the kernel
    w = withGaps(w, axes);
    axes = axes.map((a) => (a.stride > 1 ? { ...a, kernel: reachOf(a), dilation: 1 } : a));
  }
  const phases = axes.map(phasesOf);
  const [groups, o, c] = w.shape;
  const steps = phases.map((p) => p.steps);
  const used = phases.map((p) => p.used);
  const places = phases.map((p) => p.places);
  const [evens, odds] = [range(0, rank).map((i) => 3 + 2 * i), range(0, rank).map((i) => 4 + 2 * i)];
  // the last step first: y[q − u] is y's windows read from the end
  const taps = fit(w, phases.map((p, i) => [p.lead, p.steps * axes[i].stride - p.lead - axes[i].kernel])) // prettier-ignore
    .reshape([groups, o, c, ...axes.flatMap((a, i) => [steps[i], a.stride])])
    .slice(undefined, undefined, undefined, ...used.flatMap((n) => [undefined, [0, n] as const]))
    .flip(evens.filter((_, i) => steps[i] > 1))
    .permute(0, 2, ...odds, 1, ...evens);
  const windowsOfY = axes.map((a, i): Axis => {
    const dilation = a.stride === 1 ? a.dilation : 1;
    const before = dilation * (steps[i] - 1) - phases[i].first;
    const after = places[i] + dilation * (steps[i] - 1) - before - a.output;
    return { input: a.output, output: places[i], kernel: steps[i], stride: 1, dilation, padding: [before, after] };
  });
  return {
    taps,
    steps,
    used,
    places,
    reach: (y) => windows(y, windowsOfY),
    assemble: (out) => {
      const all = fit(out, [...axes.map((a, i) => [0, a.stride - used[i]] as const), ...places.map(() => [0, 0] as const)]); // prettier-ignore
      const interleaved = range(0, rank).flatMap((i) => [3 + rank + i, 3 + i]);
      const joined = all
        .permute(0, 1, 2, ...interleaved)
        .reshape([...out.shape.slice(0, 3), ...axes.map((a, i) => places[i] * a.stride)]);
      return fit(joined, axes.map((a, i) => [-phases[i].skipped, phases[i].skipped + a.input - places[i] * a.stride])); // prettier-ignore
    },
  };
}

interface Phases {
  /** Zeros in front of the kernel. */
  readonly lead: number;
  /** Taps of one phase, the longest. */
  readonly steps: number;
  /** Phases that have any. */
  readonly used: number;
  /** The first place, how many there are, and how many positions of the first one are before the input. */
  readonly first: number;
  readonly places: number;
  readonly skipped: number;
}

function phasesOf({ kernel, stride, padding: [before], input }: Axis): Phases {
  // zeros in front that cost no tap make the first place begin where the input does
  const aligned = (stride - (before % stride)) % stride;
  const lead = Math.ceil((kernel + aligned) / stride) === Math.ceil(kernel / stride) ? aligned : 0;
  const start = before + lead;
  const skipped = start % stride;
  return {
    lead,
    steps: Math.ceil((kernel + lead) / stride),
    used: Math.min(stride, kernel + lead),
    first: (start - skipped) / stride,
    places: Math.ceil((skipped + input) / stride),
    skipped,
  };
}

const reachOf = (a: Axis): number => (a.kernel - 1) * a.dilation + 1;

/** A kernel with dilation as one without, for the axes that have a stride, too. */
function withGaps(w: Tensor, axes: readonly Axis[]): Tensor {
  const gaps = axes.map((a) => (a.stride > 1 ? a.dilation : 1));
  const lead = w.shape.slice(0, 3);
  const single = w.reshape([...lead, ...axes.flatMap((a) => [a.kernel, 1])]);
  const apart = fit(single, gaps.flatMap((n) => [[0, 0], [0, n - 1]] as const)); // prettier-ignore
  return fit(
    apart.reshape([...lead, ...axes.map((a, i) => a.kernel * gaps[i])]),
    gaps.map((n) => [0, 1 - n]),
  );
}

/** The sum over dimensions; those of size 1 need none. */
export function total(x: Tensor, dims: readonly number[]): Tensor {
  const kept = x.shape.filter((_, d) => !dims.includes(d));
  return x.sum(dims.filter((d) => x.shape[d] !== 1)).reshape(kept);
}

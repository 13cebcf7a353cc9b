import type { Attributes } from '@kindling/core';
import type { Bound, Dim, Lookup, Position } from './position.js';
import type { Value } from './value.js';

/** Thrown and caught within a plan: nobody reads where, and to note it takes longer than all else about it. */
abstract class Need extends Error {
  constructor(what: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(what);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
/** An axis must be split into (size / factor, factor) for the index to become affine. */
export class NeedSplit extends Need {
  constructor(
    readonly axis: number,
    readonly factor: number,
  ) {
    super('split');
  }
}
/** A view cannot be expressed: the value must be stored in memory of its own. */
export class NeedBuffer extends Need {
  constructor(readonly value: Value) {
    super('buffer');
  }
}

export function constantDim(base: number, axes: number): Dim {
  return { base, stride: new Array<number>(axes).fill(0) };
}

function shift(d: Dim, by: number): Dim {
  return by === 0 ? d : { ...d, base: d.base + by };
}

/** Σ dims · strides */
export function weighted(dims: readonly Dim[], strides: readonly number[], axes: number): Dim {
  let base = 0;
  const stride = new Array<number>(axes).fill(0);
  const by: Lookup[] = [];
  dims.forEach((d, i) => {
    const w = strides[i];
    base += d.base * w;
    for (let k = 0; k < axes; k++) stride[k] += d.stride[k] * w;
    for (const lookup of d.by ?? []) by.push({ ...lookup, stride: lookup.stride * w });
  });
  return by.length > 0 ? { base, stride, by } : { base, stride };
}

export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/** The position in a movement's input for a position in its result. */
export function throughMovement(v: Value, at: Position, axes: readonly number[]): Position {
  const source = v.inputs[0];
  const { dims, bounds } = at;
  switch (v.op) {
    case 'expand': {
      const skipped = v.shape.length - source.shape.length;
      return {
        dims: source.shape.map((size, i) => (size === 1 ? constantDim(0, axes.length) : dims[i + skipped])),
        bounds,
      };
    }
    case 'permute': {
      const out: Dim[] = [];
      (v.attribute as Attributes['permute']).forEach((d, i) => (out[d] = dims[i]!));
      return { dims: out, bounds };
    }
    case 'flip': {
      const flipped = v.attribute as Attributes['flip'];
      return {
        dims: dims.map((d, i) => (flipped.includes(i) ? negate(d, source.shape[i] - 1) : d)),
        bounds,
      };
    }
    case 'shrink':
      return { dims: dims.map((d, i) => shift(d, (v.attribute as Attributes['shrink'])[i][0])), bounds };
    case 'pad': {
      const widths = v.attribute as Attributes['pad'];
      const moved = dims.map((d, i) => shift(d, -widths[i][0]));
      const added: Bound[] = [];
      moved.forEach((d, i) => {
        const [before, after] = widths[i];
        if (before === 0 && after === 0) return;
        if (d.by !== undefined) throw new NeedBuffer(v);
        added.push({ at: d, lo: 0, hi: source.shape[i] });
      });
      return { dims: moved, bounds: [...bounds, ...added] };
    }
    case 'after':
      return at;
    case 'reshape':
      return { dims: throughReshape(v, dims, axes), bounds };
    case 'unfold': {
      const [dim, , step, dilation] = v.attribute as Attributes['unfold'];
      const tap = dims[dims.length - 1];
      const inner = dims
        .slice(0, -1)
        .map((d, i) => (i === dim ? weighted([d, tap], [step, dilation], axes.length) : d));
      return { dims: inner, bounds };
    }
    default:
      throw new Error(`${v.op} is not a movement`);
  }
}

/** from − d */
function negate(d: Dim, from: number): Dim {
  const out = { base: from - d.base, stride: d.stride.map((s) => (s === 0 ? 0 : -s)) };
  return d.by === undefined ? out : { ...out, by: d.by.map((l) => ({ ...l, stride: -l.stride })) };
}

/**
 * Dimensions in order that hold the same elements before and after a reshape, as few together as possible: the others
 * do not concern them, and a dimension that stays as it is keeps its position, also one that padding lets stand outside.
 */
function* pieces(
  from: readonly number[],
  to: readonly number[],
): Generator<{ readonly from: [number, number]; readonly to: [number, number] }> {
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const start = [i, j] as const;
    let m = from[i++] ?? 1;
    let n = to[j++] ?? 1;
    while (m !== n) {
      if (m < n) m *= from[i++];
      else n *= to[j++];
    }
    yield { from: [start[0], Math.min(i, from.length)], to: [start[1], Math.min(j, to.length)] };
  }
}

function throughReshape(v: Value, dims: readonly Dim[], axes: readonly number[]): Dim[] {
  const source = v.inputs[0];
  if (v.size === 0) return source.shape.map(() => constantDim(0, axes.length));
  const out: Dim[] = [];
  for (const { from, to } of pieces(v.shape, source.shape))
    out.push(...takeApart(source, source.shape.slice(...to), dims.slice(...from), v.shape.slice(...from), axes));
  return out;
}

/**
 * The position in dimensions of sizes `shape` from that in others with the same elements: takes the flat position apart,
 * outermost dimension first. Works where each axis runs inside one dimension; an axis that crosses a border is split
 * there if it can be.
 */
function takeApart(
  source: Value,
  shape: readonly number[],
  dims: readonly Dim[],
  sizes: readonly number[],
  axes: readonly number[],
): Dim[] {
  const flat = weighted(dims, rowMajor(sizes), axes.length);
  // one dimension that counts: the flat position is the position in it, looked up or not
  if (shape.filter((size) => size !== 1).length <= 1)
    return shape.map((size) => (size === 1 ? constantDim(0, axes.length) : flat));
  if (flat.by !== undefined) throw new NeedBuffer(source);
  let { base } = flat;
  const rest = [...flat.stride];
  const strides = rowMajor(shape);
  return shape.map((size, i) => {
    const unit = strides[i];
    if (size === 1) return constantDim(0, axes.length);
    const stride = new Array<number>(axes.length).fill(0);
    let [low, high] = [0, 0];
    rest.forEach((c, k) => {
      if (c === 0 || axes[k] === 1) return;
      if (c % unit === 0) {
        stride[k] = c / unit;
        rest[k] = 0;
        return;
      }
      const reach = c * (axes[k] - 1);
      if (reach < 0) low += reach;
      else high += reach;
    });
    const whole = Math.floor((base + low) / unit);
    if (base + high - whole * unit >= unit) {
      // some axis crosses the border: split the one that does
      const k = rest.findIndex((c, axis) => c !== 0 && axes[axis] > 1 && Math.abs(c) * axes[axis] > unit);
      const factor = k < 0 ? 0 : unit / Math.abs(rest[k]);
      if (k < 0 || !Number.isInteger(factor) || axes[k] % factor !== 0 || factor === axes[k] || factor <= 1)
        throw new NeedBuffer(source);
      throw new NeedSplit(k, factor);
    }
    base -= whole * unit;
    return { base: whole, stride };
  });
}

/** The single axis that a dimension is, with factor 1, or undefined. */
export function plainAxis(d: Dim, axes: readonly number[]): number | undefined {
  if (d.base !== 0 || d.by !== undefined) return undefined;
  let found: number | undefined;
  for (let k = 0; k < d.stride.length; k++) {
    if (d.stride[k] === 0 || axes[k] === 1) continue;
    if (d.stride[k] !== 1 || found !== undefined) return undefined;
    found = k;
  }
  return found;
}

import { KindlingError } from './errors.js';

/** Sizes of the dimensions. Equal shapes are one object, so that they compare and key by identity. */
export type Shape = readonly number[];

const interned = new Map<string, Shape>();
const ids = new WeakMap<Shape, number>();
let nextId = 1;

/** The one object for these sizes. */
export function intern(sizes: readonly number[]): Shape {
  if (ids.has(sizes)) return sizes;
  const key = sizes.join(',');
  let shape = interned.get(key);
  if (shape === undefined) {
    if (interned.size > 20_000) interned.clear(); // shapes met later get new ids: programs are only looked up anew
    shape = Object.freeze([...sizes]);
    interned.set(key, shape);
    ids.set(shape, nextId++);
  }
  return shape;
}

/** A small number for an interned shape. */
export function shapeId(shape: Shape): number {
  return ids.get(shape) ?? ids.get(intern(shape))!;
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `[2, 3]` */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The shape that both broadcast to: aligned at the last dimension, sizes equal or 1. */
export function broadcastShapes(operation: string, a: readonly number[], b: readonly number[]): readonly number[] {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const m = a[a.length - rank + i] ?? 1;
    const n = b[b.length - rank + i] ?? 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new KindlingError(
        `${operation}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast: ` +
          `dimension ${i - rank} is ${m} and ${n}; sizes must be equal or 1`,
      );
    out.push(m === 1 ? n : m);
  }
  return out;
}

/** A dimension counted from the end where negative. */
export function dimension(operation: string, dim: number, shape: readonly number[]): number {
  const d = dim < 0 ? dim + shape.length : dim;
  if (!Number.isInteger(dim) || d < 0 || d >= shape.length)
    throw new KindlingError(
      `${operation}: dimension ${dim} is out of range for shape ${showShape(shape)}; use ${
        shape.length === 0 ? 'no dimension for a 0-d tensor' : `${-shape.length} to ${shape.length - 1}`
      }`,
    );
  return d;
}

/** One, several or (undefined) all dimensions, sorted. */
export function dimensions(
  operation: string,
  dim: number | readonly number[] | undefined,
  shape: readonly number[],
): number[] {
  if (dim === undefined) return shape.map((_, i) => i);
  const dims = (typeof dim === 'number' ? [dim] : dim).map((d) => dimension(operation, d, shape)).sort((a, b) => a - b);
  dims.forEach((d, i) => {
    if (d === dims[i - 1]) throw new KindlingError(`${operation}: dimension ${d} is named twice in ${showShape(dims)}`);
  });
  return dims;
}

/** Building nodes, with the checks and conversions that users meet. */
import { isMemory } from './backend.js';
import { type DType, hostArray, isFloat, type TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import { type Attributes, type ElementwiseOp, type HostScalar, Node, node, type ReduceOp } from './node.js';
import { broadcastShapes, dimension, sameShape, showShape, sizeOf } from './shape.js';

/** A number that is part of a node as a constant; all others are run-time scalars. */
function isConstant(value: number): boolean {
  return Object.is(value, 0) || value === 1 || value === -1 || !Number.isFinite(value);
}

/** A literal of the user's program. */
export class Literal implements HostScalar {
  constructor(readonly value: number) {}
  get(): number {
    return this.value;
  }
}
/** Arithmetic of run-time scalars: done on the host, in float64. */
export class Derived implements HostScalar {
  constructor(
    readonly compute: (...values: number[]) => number,
    readonly inputs: readonly HostScalar[],
  ) {}
  get(): number {
    return this.compute(...this.inputs.map((s) => s.get()));
  }
}

/** A 0-d leaf for a number in an operation with a tensor of `dtype`. */
export function literal(value: number, dtype: DType): Node {
  // as everywhere among integers, the bits stay
  if (Number.isInteger(value) && dtype === 'uint32') value >>>= 0;
  else if (Number.isInteger(value) && dtype === 'int32') value |= 0;
  return isConstant(value) ? node('const', [], [], dtype, value) : node('scalar', [], [], dtype, new Literal(value));
}

/** A constant of a definition, such as a coefficient: part of the program. */
export function constant(value: number, dtype: DType): Node {
  return node('const', [], [], dtype, value);
}

/** `value` everywhere. */
export function filled(value: number, shape: readonly number[], dtype: DType): Node {
  return expand(constant(value, dtype), shape);
}

const isNumberLeaf = (n: Node): boolean => n.op === 'scalar' || n.op === 'const';

/** Number leaves take the dtype of what they meet; a fraction makes an integer tensor float32, as in PyTorch. */
function retype(n: Node, dtype: DType): Node {
  if (n.dtype === dtype) return n;
  return new Node(n.op, [], n.shape, dtype, n.attribute, false);
}

const rank: Record<DType, number> = { bool: 0, int32: 1, uint32: 1, float16: 2, float32: 3, float64: 4 };

function promote(operation: string, a: Node, b: Node): DType {
  if (a.dtype === b.dtype) return a.dtype;
  const [aLeaf, bLeaf] = [isNumberLeaf(a), isNumberLeaf(b)];
  if (aLeaf !== bLeaf) {
    const [tensor, number] = aLeaf ? [b, a] : [a, b];
    if (isFloat(tensor.dtype) || (!isFloat(number.dtype) && tensor.dtype !== 'bool')) return tensor.dtype;
    return number.dtype;
  }
  if (rank[a.dtype] === rank[b.dtype])
    throw new KindlingError(
      `${operation}: ${a.dtype} and ${b.dtype} do not mix; cast one with to('int32') or to('uint32')`,
    );
  return rank[a.dtype] > rank[b.dtype] ? a.dtype : b.dtype;
}

export function cast(n: Node, dtype: DType): Node {
  if (n.dtype === dtype) return n;
  // an integer or bool loses what a later cast must not bring back
  if (isNumberLeaf(n) && (isFloat(dtype) || !isFloat(n.dtype)) && dtype !== 'bool') return retype(n, dtype);
  if (n.op === 'data' && n.value !== undefined && !isMemory(n.value) && n.value.length <= hostCastLimit) {
    // a few numbers of the host, such as class weights, are cast there: the device need not know their dtype
    const leaf = node('data', [], n.shape, dtype, { weak: false });
    leaf.value = castArray(n.value, dtype);
    return leaf;
  }
  return node('cast', [n], n.shape, dtype);
}
const hostCastLimit = 1024;

/** As casts on devices do: saturating, NaN gives 0, bool is ≠ 0; between integers the bits stay. */
export function castArray(values: ArrayLike<number>, dtype: DType): TypedArray {
  const out = hostArray(dtype, values.length);
  const integers = values instanceof Int32Array || values instanceof Uint32Array;
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (dtype === 'bool') out[i] = x !== 0 ? 1 : 0;
    else if (integers) out[i] = x;
    else if (dtype === 'int32')
      out[i] = Number.isNaN(x) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(x)));
    else if (dtype === 'uint32') out[i] = Number.isNaN(x) ? 0 : Math.max(0, Math.min(4294967295, Math.trunc(x)));
    else out[i] = x;
  }
  return out;
}

export function expand(n: Node, shape: readonly number[]): Node {
  if (sameShape(n.shape, shape)) return n;
  const fits =
    n.shape.length <= shape.length &&
    shape.every((size) => Number.isInteger(size) && size >= 0) &&
    n.shape.every((size, i) => size === 1 || size === shape[shape.length - n.shape.length + i]);
  if (!fits)
    throw new KindlingError(
      `expand: shape ${showShape(n.shape)} does not expand to ${showShape(shape)}; only dimensions of size 1 repeat, and sizes are whole numbers`,
    );
  return node('expand', [n], shape, n.dtype);
}

const comparisons = new Set<ElementwiseOp>(['lt', 'le', 'eq', 'ne']);
const shifts = new Set<ElementwiseOp>(['shl', 'shr']);
const logical = new Set<ElementwiseOp>(['and', 'or', 'xor', ...shifts]);

const hostUnary: Partial<Record<ElementwiseOp, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  floor: Math.floor,
  ceil: Math.ceil,
};
const hostBinary: Partial<Record<ElementwiseOp, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: Math.pow,
  max: Math.max,
  min: Math.min,
};

/** The run-time scalar behind a leaf, if arithmetic on it belongs on the host. */
function hostScalar(n: Node): HostScalar | undefined {
  if (n.op === 'scalar') return n.attribute as HostScalar;
  return n.op === 'const' ? new Literal(n.attribute as number) : undefined;
}

function onHost(
  compute: ((...x: number[]) => number) | undefined,
  operands: readonly Node[],
  dtype: DType,
): Node | undefined {
  if (compute === undefined || !operands.some((n) => n.op === 'scalar') || !isFloat(dtype)) return undefined;
  const inputs = operands.map(hostScalar);
  return inputs.includes(undefined)
    ? undefined
    : node('scalar', [], [], dtype, new Derived(compute, inputs as HostScalar[]));
}

const floatOnly = new Set<ElementwiseOp>(['sqrt', 'exp', 'log', 'sin', 'cos', 'tanh', 'erf']);
const trivialForIntegers = new Set<ElementwiseOp>(['floor', 'ceil', 'round', 'trunc']);

export function unary(op: ElementwiseOp, n: Node): Node {
  if (floatOnly.has(op) && !isFloat(n.dtype)) n = cast(n, 'float32');
  else if (trivialForIntegers.has(op) && !isFloat(n.dtype)) return n;
  else if (op === 'not' && isFloat(n.dtype))
    throw new KindlingError(`not: needs bool or integers, got ${n.dtype}; compare first, as in x.eq(0)`);
  else if (n.dtype === 'bool' && op !== 'not') n = cast(n, 'int32');
  return onHost(hostUnary[op], [n], n.dtype) ?? node(op, [n], n.shape, n.dtype);
}

export function binary(op: ElementwiseOp, a: Node, b: Node, operation: string = op): Node {
  let dtype = a.dtype === b.dtype ? a.dtype : promote(operation, a, b);
  if ((op === 'div' || op === 'pow') && !isFloat(dtype)) dtype = 'float32';
  if (logical.has(op) && isFloat(dtype))
    throw new KindlingError(
      `${operation}: needs bool or integers, got ${a.dtype} and ${b.dtype}; compare first, as in x.gt(0)`,
    );
  if (dtype === 'bool' && (!logical.has(op) || shifts.has(op)) && !comparisons.has(op)) dtype = 'int32';
  if (a.dtype !== dtype) a = cast(a, dtype);
  if (b.dtype !== dtype) b = cast(b, dtype);
  if (a.op === 'scalar' || b.op === 'scalar') {
    const host = onHost(hostBinary[op], [a, b], dtype);
    if (host !== undefined) return host;
  }
  const shape = a.shape === b.shape ? a.shape : broadcastShapes(operation, a.shape, b.shape);
  const operands = [a.shape === shape ? a : align(a, shape), b.shape === shape ? b : align(b, shape)];
  return node(op, operands, shape, comparisons.has(op) ? 'bool' : dtype);
}

/** Number leaves stay 0-d in elementwise nodes; everything else is expanded to the node's shape. */
function align(n: Node, shape: readonly number[]): Node {
  return isNumberLeaf(n) ? n : expand(n, shape);
}

export function where(condition: Node, a: Node, b: Node): Node {
  const dtype = promote('where', a, b);
  a = cast(a, dtype);
  b = cast(b, dtype);
  const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape));
  return node('where', [align(cast(condition, 'bool'), shape), align(a, shape), align(b, shape)], shape, dtype);
}

export function reshape(n: Node, sizes: readonly number[]): Node {
  const unknown = sizes.indexOf(-1);
  let shape = sizes;
  if (unknown >= 0) {
    const rest = sizes.reduce((product, size, i) => (i === unknown ? product : product * size), 1);
    shape = sizes.map((size, i) => (i === unknown ? sizeOf(n.shape) / rest : size));
  }
  if (!shape.every((size) => Number.isInteger(size) && size >= 0) || sizeOf(shape) !== sizeOf(n.shape))
    throw new KindlingError(
      `reshape: ${showShape(n.shape)} has ${sizeOf(n.shape)} elements and cannot become ${showShape(sizes)}` +
        `; the sizes must multiply to the same number (one may be -1)`,
    );
  return sameShape(shape, n.shape) ? n : node('reshape', [n], shape, n.dtype);
}

export function permute(n: Node, order: readonly number[]): Node {
  const dims = order.map((d) => dimension('permute', d, n.shape));
  if (dims.length !== n.shape.length || new Set(dims).size !== dims.length)
    throw new KindlingError(
      `permute: ${showShape(order)} does not name each dimension of shape ${showShape(n.shape)} once`,
    );
  if (dims.every((d, i) => d === i)) return n;
  return node('permute', [n], dims.map((d) => n.shape[d]), n.dtype, dims); // prettier-ignore
}

export function pad(n: Node, widths: Attributes['pad']): Node {
  if (widths.length !== n.shape.length || widths.some((w) => w.some((k) => !Number.isInteger(k) || k < 0)))
    throw new KindlingError(
      `pad: ${JSON.stringify(widths)} does not fit shape ${showShape(n.shape)}; give [before, after] for each dimension`,
    );
  if (widths.every(([a, b]) => a === 0 && b === 0)) return n;
  return node('pad', [n], n.shape.map((size, i) => size + widths[i][0] + widths[i][1]), n.dtype, widths); // prettier-ignore
}

export function shrink(n: Node, ranges: Attributes['shrink']): Node {
  if (ranges.every(([from, to], i) => from === 0 && to === n.shape[i])) return n;
  return node('shrink', [n], ranges.map(([from, to]) => to - from), n.dtype, ranges); // prettier-ignore
}

export function flip(n: Node, dims: readonly number[]): Node {
  return dims.length === 0 ? n : node('flip', [n], n.shape, n.dtype, dims);
}

/** How far a window reaches: its first and its last element included. */
function windowReach(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}

export function unfold(n: Node, dim: number, size: number, step: number, dilation: number): Node {
  const d = dimension('unfold', dim, n.shape);
  for (const [name, value] of Object.entries({ size, step, dilation }))
    if (!Number.isInteger(value) || value < 1)
      throw new KindlingError(`unfold: ${name} is ${value}; it must be a whole number from 1 on`);
  const reach = windowReach(size, dilation);
  if (reach > n.shape[d])
    throw new KindlingError(
      `unfold: a window of ${size}${dilation === 1 ? '' : ` elements, ${dilation} apart,`} does not fit dimension ${d} of shape ` +
        `${showShape(n.shape)}; pad it, or take a smaller window`,
    );
  const shape = n.shape.map((length, i) => (i === d ? Math.floor((length - reach) / step) + 1 : length));
  return node('unfold', [n], [...shape, size], n.dtype, [d, size, step, dilation]);
}

export function reduce(op: ReduceOp, n: Node, dims: readonly number[], keepDim: boolean, operation: string = op): Node {
  if (n.dtype === 'bool' && (op === 'sum' || op === 'prod')) n = cast(n, 'int32');
  const kept = n.shape.map((size, i) => (dims.includes(i) ? 1 : size));
  if (op !== 'sum' && op !== 'prod')
    for (const d of dims)
      if (n.shape[d] === 0)
        throw new KindlingError(
          `${operation}: dimension ${d} of shape ${showShape(n.shape)} is empty and has no extreme value`,
        );
  const dtype = op === 'argmax' || op === 'argmin' ? 'int32' : n.dtype;
  const shape = n.shape.filter((_, i) => !dims.includes(i));
  const isItself = dims.length === 0 && op !== 'argmax' && op !== 'argmin';
  const reduced = isItself ? n : node<'sum'>(op as 'sum', [n], shape, dtype, [...dims]);
  return keepDim ? reshape(reduced, kept) : reduced;
}

export function matmul(a: Node, b: Node): Node {
  const fail = (why: string): never => {
    throw new KindlingError(`matmul: shapes ${showShape(a.shape)} and ${showShape(b.shape)} do not multiply: ${why}`);
  };
  if (a.shape.length === 0 || b.shape.length === 0) fail('both need at least one dimension');
  let dtype = promote('matmul', a, b);
  if (dtype === 'bool') dtype = 'int32';
  a = cast(a, dtype);
  b = cast(b, dtype);
  const [vectorA, vectorB] = [a.shape.length === 1, b.shape.length === 1];
  const left = vectorA ? reshape(a, [1, a.shape[0]]) : a;
  const right = vectorB ? reshape(b, [b.shape[0], 1]) : b;
  const [m, k] = left.shape.slice(-2) as [number, number];
  const [k2, n] = right.shape.slice(-2) as [number, number];
  if (k !== k2)
    fail(
      `the last dimension of the first (${k}) must equal the ${vectorB ? 'first' : 'second to last'} of the second (${k2})`,
    );
  const batch = broadcastShapes('matmul', left.shape.slice(0, -2), right.shape.slice(0, -2));
  let out: Node;
  if (right.shape.length === 2 && left.shape.length > 2) {
    // one matrix for all of the batch: the batch is more rows
    out = reshape(node('matmul', [reshape(left, [-1, k].map((s) => (s === -1 ? sizeOf(left.shape.slice(0, -1)) : s))), right], [sizeOf(left.shape.slice(0, -1)), n], dtype), [...batch, m, n]); // prettier-ignore
  } else
    out = node('matmul', [expand(left, [...batch, m, k]), expand(right, [...batch, k, n])], [...batch, m, n], dtype);
  if (vectorA || vectorB) out = reshape(out, [...batch, ...(vectorA ? [] : [m]), ...(vectorB ? [] : [n])]);
  return out;
}

function checkIndex(operation: string, data: Node, dim: number, index: Node): number {
  const d = dimension(operation, dim, data.shape);
  if (isFloat(index.dtype) || index.dtype === 'bool')
    throw new KindlingError(`${operation}: the index must be integers, got ${index.dtype}; cast it with to('int32')`);
  const fits =
    index.shape.length === data.shape.length && index.shape.every((size, i) => i === d || size <= data.shape[i]);
  if (!fits)
    throw new KindlingError(
      `${operation}: an index of shape ${showShape(index.shape)} does not fit data of shape ${showShape(data.shape)} along ` +
        `dimension ${d}; it needs as many dimensions, and no more rows in the others`,
    );
  return d;
}

/** out[i][j] = data[index[i][j]][j] for dim 0, and so on. */
export function gather(data: Node, dim: number, index: Node): Node {
  const d = checkIndex('gather', data, dim, index);
  const narrowed = shrink(data, data.shape.map((size, i) => [0, i === d ? size : index.shape[i]] as const)); // prettier-ignore
  return node('gather', [narrowed, cast(index, 'int32')], index.shape, data.dtype, d);
}

/** base with base[index[i][j]][j] += source[i][j] for dim 0, and so on. */
export function scatterAdd(base: Node, dim: number, index: Node, source: Node): Node {
  const d = checkIndex('scatterAdd', base, dim, index);
  if (base.dtype === 'bool') throw new KindlingError(`scatterAdd: bool does not add up; cast with to('int32')`);
  if (!sameShape(source.shape, index.shape) || source.dtype !== base.dtype)
    throw new KindlingError(
      `scatterAdd: the source (${source.dtype} ${showShape(source.shape)}) must have the shape of the index ` +
        `${showShape(index.shape)} and the dtype of the base (${base.dtype})`,
    );
  return node('scatterAdd', [base, cast(index, 'int32'), source], base.shape, base.dtype, d);
}

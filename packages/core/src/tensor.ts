import { type Backend, isMemory } from './backend.js';
import { type DType, isFloat, type TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import { disownMemory, keepNode, ownMemory, readNode, readNodeSync } from './evaluate.js';
import { type ElementwiseOp, type Node, node, type ReduceOp } from './node.js';
import * as operations from './operations.js';
import { dimension, dimensions, type Shape, showShape, sizeOf } from './shape.js';

/** A tensor, or a number, which takes the tensor's dtype. */
export type Operand = Tensor | number;
export type Dim = number | readonly number[];
export interface ReduceOptions {
  /** Keep the reduced dimensions with size 1. Default false. */
  readonly keepDim?: boolean;
}
/** [from, to) with negative positions counted from the end; a number takes one position and drops the dimension. */
export type Range = readonly [from?: number, to?: number] | number | undefined;

/**
 * An immutable value. Operations only note what is to be computed; it is computed when a value is read or an optimizer
 * steps, and always means what it would if each operation ran where it stands.
 */
export class Tensor {
  readonly #node: Node | undefined;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(n: Node | undefined, shape: Shape = n!.shape, dtype: DType = n!.dtype) {
    this.#node = n;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The graph node behind the tensor, for those who read graphs. */
  get node(): Node {
    return this.#node!;
  }
  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }
  /** The backend that holds the value; undefined for host data and for what has not been evaluated. */
  get backend(): Backend | undefined {
    const n = this.node;
    if (n.value !== undefined) return isMemory(n.value) ? n.value.backend : undefined;
    return n.op === 'variable'
      ? (n.attribute as { variable: { memory?: { backend: Backend } } }).variable.memory?.backend
      : undefined;
  }
  get requiresGrad(): boolean {
    return this.node.requiresGrad;
  }

  // ── arithmetic, element by element, with broadcasting ──
  add(o: Operand): Tensor {
    return binary('add', this, o);
  }
  sub(o: Operand): Tensor {
    return binary('sub', this, o);
  }
  mul(o: Operand): Tensor {
    return binary('mul', this, o);
  }
  /** Integers give float32. */
  div(o: Operand): Tensor {
    return binary('div', this, o);
  }
  /** Remainder with the sign of the divisor. */
  mod(o: Operand): Tensor {
    return binary('mod', this, o);
  }
  /**
   * Powers; the exponents 0 to 4, −1, −2, ½ and −½ are multiplications, divisions and roots. Integers stay integers with a
   * whole number from 0 on; any other exponent makes them float32.
   */
  pow(o: Operand): Tensor {
    if (typeof o !== 'number') return binary('pow', this, o);
    if (Number.isInteger(o) && Math.abs(o) <= 4) {
      const base: Tensor = isFloat(this.dtype) || o >= 0 ? this : this.to('float32');
      if (o === 0) return new Tensor(operations.filled(1, base.shape, base.dtype));
      const square = Math.abs(o) > 1 ? base.mul(base) : base;
      const power = [base, base, square, square.mul(base), square.mul(square)][Math.abs(o)];
      return o > 0 ? power : new Tensor(operations.constant(1, base.dtype)).div(power);
    }
    if (Number.isInteger(o) && o > 4 && !isFloat(this.dtype)) {
      const half = this.pow(Math.floor(o / 2));
      const even = half.mul(half);
      return o % 2 === 0 ? even : even.mul(this);
    }
    if (o === 0.5) return this.sqrt();
    if (o === -0.5)
      return new Tensor(operations.constant(1, isFloat(this.dtype) ? this.dtype : 'float32')).div(this.sqrt());
    return binary('pow', this, o);
  }
  neg(): Tensor {
    return unary('neg', this);
  }
  abs(): Tensor {
    return unary('abs', this);
  }
  /** −1, 0 or 1; 0 for NaN. */
  sign(): Tensor {
    return unary('sign', this);
  }
  sqrt(): Tensor {
    return unary('sqrt', this);
  }
  exp(): Tensor {
    return unary('exp', this);
  }
  log(): Tensor {
    return unary('log', this);
  }
  sin(): Tensor {
    return unary('sin', this);
  }
  cos(): Tensor {
    return unary('cos', this);
  }
  tanh(): Tensor {
    return unary('tanh', this);
  }
  erf(): Tensor {
    return unary('erf', this);
  }
  floor(): Tensor {
    return unary('floor', this);
  }
  ceil(): Tensor {
    return unary('ceil', this);
  }
  /** To the nearest integer, halves to even. */
  round(): Tensor {
    return unary('round', this);
  }
  trunc(): Tensor {
    return unary('trunc', this);
  }

  // ── comparison (bool) and logic ──
  lt(o: Operand): Tensor {
    return binary('lt', this, o);
  }
  le(o: Operand): Tensor {
    return binary('le', this, o);
  }
  gt(o: Operand): Tensor {
    return reversed('lt', this, o, 'gt');
  }
  ge(o: Operand): Tensor {
    return reversed('le', this, o, 'ge');
  }
  eq(o: Operand): Tensor {
    return binary('eq', this, o);
  }
  ne(o: Operand): Tensor {
    return binary('ne', this, o);
  }
  /** Logical for bool, bitwise for integers; likewise `or`, `xor` and `not`. */
  and(o: Operand): Tensor {
    return binary('and', this, o);
  }
  or(o: Operand): Tensor {
    return binary('or', this, o);
  }
  xor(o: Operand): Tensor {
    return binary('xor', this, o);
  }
  not(): Tensor {
    return unary('not', this);
  }
  /** Bits moved left; `shr` right, keeping the sign of int32. */
  shl(o: Operand): Tensor {
    return binary('shl', this, o);
  }
  shr(o: Operand): Tensor {
    return binary('shr', this, o);
  }

  // ── reductions: over one, several or all dimensions ──
  sum(dim?: Dim, options?: ReduceOptions): Tensor {
    return reduced('sum', this, 'sum', dim, options);
  }
  mean(dim?: Dim, options?: ReduceOptions): Tensor {
    const n = isFloat(this.dtype) ? this : this.to('float32');
    const count = dimensions('mean', dim, this.shape).reduce((product, d) => product * this.shape[d], 1);
    // a constant of the shape, not a number of the program: it needs no slot
    return n.sum(dim, options).div(new Tensor(operations.constant(count, n.dtype)));
  }
  prod(dim?: Dim, options?: ReduceOptions): Tensor {
    return reduced('prod', this, 'prod', dim, options);
  }
  /** NaN if any element is; likewise `min`. */
  max(dim?: Dim, options?: ReduceOptions): Tensor {
    return reduced('amax', this, 'max', dim, options);
  }
  min(dim?: Dim, options?: ReduceOptions): Tensor {
    return reduced('amin', this, 'min', dim, options);
  }
  /** The position of the first greatest element, int32; over all elements in order where no dimension is given. */
  argmax(dim?: number, options?: ReduceOptions): Tensor {
    return reduced('argmax', this, 'argmax', dim, options);
  }
  argmin(dim?: number, options?: ReduceOptions): Tensor {
    return reduced('argmin', this, 'argmin', dim, options);
  }
  /** Whether any element is not 0; false where there are none. */
  any(dim?: Dim, options?: ReduceOptions): Tensor {
    return this.to('bool').sum(dim, options).ne(0);
  }
  /** Whether no element is 0; true where there are none. */
  all(dim?: Dim, options?: ReduceOptions): Tensor {
    return this.to('bool').not().sum(dim, options).eq(0);
  }

  // ── shape ──
  /** One size may be −1. */
  reshape(...sizes: number[] | [readonly number[]]): Tensor {
    return new Tensor(operations.reshape(this.node, typeof sizes[0] === 'object' ? sizes[0] : (sizes as number[])));
  }
  /** All dimensions from `from` on as one. */
  flatten(from = 0): Tensor {
    const d = this.shape.length === 0 ? 0 : dimension('flatten', from, this.shape);
    return this.reshape([...this.shape.slice(0, d), sizeOf(this.shape.slice(d))]);
  }
  permute(...order: number[]): Tensor {
    return new Tensor(operations.permute(this.node, order));
  }
  /** Two dimensions exchanged; the last two where none are given. */
  transpose(a = -2, b = -1): Tensor {
    const order = this.shape.map((_, i) => i);
    const [x, y] = [dimension('transpose', a, this.shape), dimension('transpose', b, this.shape)];
    [order[x], order[y]] = [y, x];
    return this.permute(...order);
  }
  /** Dimensions of size 1 repeated, and new ones in front; −1 leaves a size as it is. */
  expand(...shape: number[]): Tensor {
    const added = shape.length - this.shape.length;
    const sizes = shape.map((size, d) => (size === -1 && d >= added ? this.shape[d - added] : size));
    return new Tensor(operations.expand(this.node, sizes));
  }
  squeeze(dim?: number): Tensor {
    if (dim === undefined) return this.reshape(this.shape.filter((size) => size !== 1));
    const d = dimension('squeeze', dim, this.shape);
    return this.shape[d] === 1 ? this.reshape(this.shape.filter((_, i) => i !== d)) : this;
  }
  unsqueeze(dim: number): Tensor {
    const d = dimension('unsqueeze', dim, [...this.shape, 1]);
    return this.reshape([...this.shape.slice(0, d), 1, ...this.shape.slice(d)]);
  }
  /** Zeros around: [before, after] for each dimension. */
  pad(widths: readonly (readonly [number, number])[]): Tensor {
    return new Tensor(operations.pad(this.node, widths));
  }
  /** A range (or one position) of each dimension: `x.slice([0, 10], undefined, -1)`. */
  slice(...ranges: Range[]): Tensor {
    if (ranges.length > this.shape.length)
      throw new KindlingError(`slice: ${ranges.length} ranges were given for shape ${showShape(this.shape)}`);
    const dropped: number[] = [];
    const bounds = this.shape.map((size, d): [number, number] => {
      const range = ranges[d];
      const at = (position: number): number => (position < 0 ? position + size : position);
      if (typeof range === 'number') {
        dropped.push(d);
        if (!Number.isInteger(range) || at(range) < 0 || at(range) >= size)
          throw new KindlingError(
            `slice: position ${range} is outside dimension ${d} of shape ${showShape(this.shape)}`,
          );
        return [at(range), at(range) + 1];
      }
      const [from, to] = [at(range?.[0] ?? 0), at(range?.[1] ?? size)];
      if (!(from >= 0 && from <= to && to <= size) || !Number.isInteger(from) || !Number.isInteger(to))
        throw new KindlingError(
          `slice: [${String(range?.[0] ?? 0)}, ${String(range?.[1] ?? size)}) is not a range of dimension ${d} of shape ${showShape(this.shape)}`,
        );
      return [from, to];
    });
    const cut = new Tensor(operations.shrink(this.node, bounds));
    return dropped.length === 0 ? cut : cut.reshape(cut.shape.filter((_, d) => !dropped.includes(d)));
  }
  flip(dim: Dim): Tensor {
    return new Tensor(operations.flip(this.node, dimensions('flip', dim, this.shape)));
  }

  // ── products and indexing ──
  /** Matrix product of the last two dimensions; the others are a batch and broadcast. 1-d operands are vectors. */
  matmul(o: Tensor): Tensor {
    return new Tensor(operations.matmul(this.node, o.node));
  }
  /** `out[i][j] = this[index[i][j]][j]` for dimension 0, and so on. Indices out of range are reported at the next read. */
  gather(dim: number, index: Tensor): Tensor {
    return new Tensor(operations.gather(this.node, dim, index.node));
  }
  /** A copy with `out[index[i][j]][j] += source[i][j]` for dimension 0, and so on; indices may repeat. */
  scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor {
    return new Tensor(operations.scatterAdd(this.node, dim, index.node, source.node));
  }
  /** The rows (or columns, …) of `dim` that a 1-d index names. */
  indexSelect(dim: number, index: Tensor): Tensor {
    const d = dimension('indexSelect', dim, this.shape);
    if (index.shape.length !== 1)
      throw new KindlingError(`indexSelect: the index must be 1-d, got shape ${showShape(index.shape)}; use gather`);
    const shape = this.shape.map((size, i) => (i === d ? index.size : size));
    return this.gather(d, index.reshape(shape.map((_, i) => (i === d ? index.size : 1))).expand(...shape));
  }

  // ── gradients, dtype, place ──
  /** The same value without a history: gradients do not flow through it. */
  detach(): Tensor {
    const n = this.node;
    if (!n.requiresGrad) return n === this.#node ? this : new Tensor(n); // of a variable: its value of today
    const detached = node('identity', [n], n.shape, n.dtype, undefined);
    return new Tensor(Object.assign(detached, { requiresGrad: false }));
  }
  /** A cast. */
  to(dtype: DType): Tensor;
  /** The value held on a backend. It is read from where it is, so this is asynchronous as all reading is. */
  to(backend: Backend): Promise<Tensor>;
  to(target: DType | Backend): Tensor | Promise<Tensor> {
    return typeof target === 'string' ? new Tensor(operations.cast(this.node, target)) : moved(this, target);
  }

  // ── reading ──
  /** The only element as a number. */
  async item(): Promise<number> {
    checkItem(this);
    return Number((await readNode(this.node, 'item'))[0]);
  }
  /** A copy of the elements in order: Float32Array, Int32Array, …; Uint8Array of 0 and 1 for bool. */
  async data(): Promise<TypedArray> {
    return (await readNode(this.node, 'data')).slice();
  }
  /** Nested arrays of numbers, or booleans. */
  async toArray(): Promise<unknown> {
    return nested(await readNode(this.node, 'toArray'), this.shape, this.dtype === 'bool');
  }
  /** As `item`, at once: on backends that can, such as the CPU. */
  itemSync(): number {
    checkItem(this);
    return Number(readNodeSync(this.node, 'itemSync')[0]);
  }
  /** As `data`, at once: on backends that can, such as the CPU. */
  dataSync(): TypedArray {
    return readNodeSync(this.node, 'dataSync').slice();
  }

  /** Gives kept device memory back. Never needed. */
  dispose(): void {
    const { value } = this.node;
    if (value !== undefined && isMemory(value)) {
      disownMemory(value);
      this.node.value = undefined;
    }
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What it is called where it is shown; minifiers rename classes. */
  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }
  describe(): string {
    return `a tensor of shape ${showShape(this.shape)} and dtype ${this.dtype}`;
  }
  toString(): string {
    const n = this.node;
    const state = n.value === undefined && n.op !== 'variable' ? 'not evaluated yet' : 'evaluated';
    return `${this[Symbol.toStringTag]}(${showShape(this.shape)}, ${this.dtype}, ${state})`;
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new KindlingError(
      `${this.toString()} was used as a number; read it first: await tensor.item() — and compute with add, mul, lt, …`,
    );
  }
}

// functions rather than private methods, which every new tensor would be marked for

function unary(op: ElementwiseOp, t: Tensor): Tensor {
  return new Tensor(operations.unary(op, t.node));
}
function binary(op: ElementwiseOp, t: Tensor, o: Operand): Tensor {
  return new Tensor(operations.binary(op, t.node, operandNode(o, t, op)));
}
function reversed(op: ElementwiseOp, t: Tensor, o: Operand, name: string): Tensor {
  return new Tensor(operations.binary(op, operandNode(o, t, name), t.node, name));
}
function reduced(op: ReduceOp, t: Tensor, name: string, dim?: Dim, options?: ReduceOptions): Tensor {
  const dims = dimensions(name, dim, t.shape);
  return new Tensor(operations.reduce(op, t.node, dims, options?.keepDim ?? false, name));
}

async function moved(t: Tensor, target: Backend): Promise<Tensor> {
  const n = t.node;
  if (t.backend === target) return t;
  if (n.requiresGrad)
    throw new KindlingError(
      `to('${target.name}'): gradients do not flow from one backend to another; detach() the tensor, or move the model's parameters`,
    );
  const values = await readNode(n, 'to');
  const leaf = node('data', [], n.shape, n.dtype, { weak: false });
  const memory = target.allocate(n.shape, n.dtype);
  leaf.value = memory;
  ownMemory(leaf, memory);
  target.write(memory, values);
  return new Tensor(leaf);
}

function checkItem({ size, shape }: Tensor): void {
  if (size !== 1)
    throw new KindlingError(`item: a tensor of shape ${showShape(shape)} has ${size} elements, not 1; use data()`);
}

/** A number becomes a leaf of the dtype it meets. */
export function operandNode(o: Operand, other: Tensor | undefined, operation: string): Node {
  if (typeof o === 'number') {
    const integral = Number.isInteger(o) && other !== undefined && !isFloat(other.dtype);
    const dtype = integral ? (other.dtype === 'bool' ? 'int32' : other.dtype) : other !== undefined && isFloat(other.dtype) ? other.dtype : 'float32'; // prettier-ignore
    return operations.literal(o, dtype);
  }
  if (!(o instanceof Tensor)) {
    const foreign = typeof o === 'object' && o !== null && 'node' in (o as object);
    throw new KindlingError(
      foreign
        ? `${operation}: an operand is a tensor of another copy of @kindling/core; install one version only (npm ls @kindling/core shows them)`
        : `${operation}: an operand is ${String(o)}, not a tensor or a number; make one with tensor(…)`,
    );
  }
  return o.node;
}

function nested(data: TypedArray, shape: readonly number[], bool: boolean, offset = 0): unknown {
  if (shape.length === 0) return bool ? data[offset] !== 0 : data[offset];
  const [size, ...rest] = shape as [number, ...number[]];
  const stride = sizeOf(rest);
  return Array.from({ length: size }, (_, i) => nested(data, rest, bool, offset + i * stride));
}

/** Numbers, booleans and arrays of them, all rows alike. */
export type NestedArray = number | boolean | readonly NestedArray[];

export interface TensorOptions {
  /** Default: that of the nesting, or 1-d for a typed array. One size may be −1. */
  readonly shape?: readonly number[];
  /** Default: that of a typed array; float32 for numbers; bool for booleans. */
  readonly dtype?: DType;
  /** false: use the typed array itself; it must not change afterwards. Default true. */
  readonly copy?: boolean;
}

/** A tensor with the given values. It stays a host array until something is computed from it. */
export function tensor(data: NestedArray | TypedArray, options: TensorOptions = {}): Tensor {
  let values: TypedArray;
  let shape: readonly number[];
  let weak = false;
  if (ArrayBuffer.isView(data)) {
    const given = dtypeOf(data);
    const dtype = options.dtype ?? given;
    if (dtype === undefined || data instanceof BigInt64Array || data instanceof BigUint64Array)
      throw new KindlingError(
        `tensor: a ${data.constructor.name} has no dtype of its own; say which is meant, as in { dtype: 'int32' }, or convert it`,
      );
    if (options.dtype === undefined && given === 'bool' && data.some((x) => x > 1))
      throw new KindlingError(
        `tensor: a Uint8Array is bool, 0 and 1, but has the value ${data.find((x) => x > 1)}; for numbers give { dtype: 'float32' }`,
      );
    shape = [data.length];
    const asIs = dtype === given && (dtype !== 'bool' || options.dtype === undefined);
    values = asIs ? (options.copy === false ? data : data.slice()) : operations.castArray(data, dtype);
    return leaf(values, options.shape ?? shape, dtype, false);
  }
  shape = shapeOf(data);
  const flat: (number | boolean)[] = [];
  flatten(data, shape, 0, flat);
  const bool = flat.length > 0 && flat.every((x) => typeof x === 'boolean');
  if (options.dtype === undefined && !bool) weak = true;
  const dtype = options.dtype ?? (bool ? 'bool' : 'float32');
  return leaf(operations.castArray(flat.map(Number), dtype), options.shape ?? shape, dtype, weak);
}

function dtypeOf(data: ArrayBufferView): DType | undefined {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint32Array) return 'uint32';
  return data instanceof Uint8Array ? 'bool' : undefined;
}

function leaf(values: TypedArray, sizes: readonly number[], dtype: DType, weak: boolean): Tensor {
  const unknown = sizes.indexOf(-1);
  const rest = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const shape = unknown < 0 ? sizes : sizes.map((size) => (size === -1 ? values.length / rest : size));
  if (sizeOf(shape) !== values.length || !shape.every((size) => Number.isInteger(size) && size >= 0))
    throw new KindlingError(`tensor: ${values.length} values do not fill shape ${showShape(sizes)}`);
  const n = node('data', [], shape, dtype, { weak });
  n.value = values;
  return new Tensor(n);
}

function shapeOf(data: NestedArray): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0] as NestedArray) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function flatten(data: NestedArray, shape: readonly number[], depth: number, out: (number | boolean)[]): void {
  if (depth === shape.length) {
    if (typeof data !== 'number' && typeof data !== 'boolean')
      throw new KindlingError(
        `tensor: found ${Array.isArray(data) ? 'an array' : String(data)} where a number was expected; rows must be alike, and numbers`,
      );
    out.push(data);
    return;
  }
  if (!Array.isArray(data) || data.length !== shape[depth])
    throw new KindlingError(
      `tensor: rows differ: expected ${shape[depth]} elements at depth ${depth}, got ${Array.isArray(data) ? data.length : String(data)}`,
    );
  for (const row of data as readonly NestedArray[]) flatten(row, shape, depth + 1, out);
}

/** Lets the value stay in device memory, whatever is overwritten later: `keep` before the step, read after it. */
export function keep<T extends Tensor>(t: T): T {
  keepNode(t.node);
  return t;
}

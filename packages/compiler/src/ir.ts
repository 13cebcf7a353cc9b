/**
 * The kernel IR: what the compiler hands to a device.
 *
 * A kernel says what is computed, over explicit axes; how it is run (tiles, lanes, threads, workgroups) is the
 * device's business. `interpretKernel` is its executable specification.
 */
import type { DType } from '@kindling/core';

/** Positions in a list: of axes, of instructions, of buffers. */
export type Ids = readonly number[];

/** base + Σ stride[axis] · axis, in elements. `stride` has one entry for every axis of the kernel. */
export interface Affine {
  readonly base: number;
  readonly stride: Ids;
}

/** Where in a buffer a load or a store goes, in elements. */
export interface Access {
  readonly buffer: number;
  readonly index: Affine;
  /** A load whose `at` is outside [lo, hi) for any entry does not touch memory and gives 0; tested before `by`. */
  readonly bounds?: readonly { readonly at: Affine; readonly lo: number; readonly hi: number }[];
  /**
   * Indirection: `value` (an int32 instruction) times `stride` is added to the index. A value outside [0, limit) is
   * clamped into it, and noted in the int32 buffer `fault`: element 0 becomes 1; elements 1 and 2, where a device cares to
   * say it, the value and the limit of one of those at fault. `limit` is at least 1.
   */
  readonly by?: readonly {
    readonly value: number;
    readonly stride: number;
    readonly limit: number;
    readonly fault: number;
  }[];
}

export type UnaryOp =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'floor'
  | 'ceil'
  | 'round' // half to even
  | 'trunc'
  | 'sqrt'
  | 'exp'
  | 'log'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'erf'
  | 'not'; // bool: logical; integers: bitwise
export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div' // integers: truncated; by 0 gives 0
  | 'mod' // the sign of the divisor, as PyTorch's remainder; integers by 0 give 0
  | 'pow'
  | 'max' // NaN if either is
  | 'min'
  | 'lt'
  | 'le'
  | 'eq'
  | 'ne'
  | 'and' // bool: logical; integers: bitwise
  | 'or'
  | 'xor'
  | 'shl' // by 0..31
  | 'shr'; // int32 arithmetic, uint32 logical
/** 'where' (condition, a, b); 'random' (key 0, key 1, counter; all uint32): the first word of Threefry-2x32-20. */
export type TernaryOp = 'where' | 'random';
export type ScalarOp = UnaryOp | BinaryOp | TernaryOp;

/**
 * SSA: an instruction's position is its value. `dtype` is the type of the result. Operands have the result's type,
 * but for comparisons (operands alike, result bool), 'where' (bool first) and 'cast' and 'bitcast' (any).
 *
 * - Floats only: floor, ceil, round, trunc, sqrt, exp, log, sin, cos, tanh, erf. Numbers, not bool: neg, abs, sign,
 *   add, sub, mul, div, mod, pow. Anything: max, min, comparisons, where. Integers and bool: and, or, xor, not.
 * - bool is 0 or 1 in 4 bytes. Casts of floats to integers truncate and saturate, NaN gives 0; to bool is `≠ 0`
 *   (NaN is true); between int32 and uint32 the bits stay. 'bitcast' is between types of one size, never to bool.
 * - sign is (x > 0) − (x < 0): 0 for NaN. Float pow is IEEE's (1^NaN and (−1)^±∞ are 1). Integer pow wraps; a
 *   negative exponent keeps 1 and ±1, everything else gives 0. Shift counts are taken modulo 32.
 * - The sign of a zero from max, min and mod is not specified.
 */
export type Inst =
  | { readonly op: ScalarOp | 'cast' | 'bitcast'; readonly in: Ids; readonly dtype: DType }
  /** A literal (±0, ±∞ and NaN included). */
  | { readonly op: 'const'; readonly arg: number; readonly dtype: DType }
  /** Run-time scalar number `arg` of the launch, rounded to `dtype`. */
  | { readonly op: 'scalar'; readonly arg: number; readonly dtype: DType }
  /** base + Σ stride·axis as an int32. */
  | { readonly op: 'index'; readonly at: Affine; readonly dtype: 'int32' }
  | { readonly op: 'load'; readonly at: Access; readonly dtype: DType }
  /** Result `reduce` of the earlier block `block`, for the same outer index. */
  | { readonly op: 'prior'; readonly block: number; readonly reduce: number; readonly dtype: DType }
  /** The finished sum; in the epilogue of a contraction only. */
  | { readonly op: 'acc'; readonly dtype: DType };

export type ReduceOp = 'sum' | 'prod' | 'max' | 'min' | 'argmax' | 'argmin';
/**
 * Over all `inner` axes of its block. `max` and `min` give NaN if any element is. `argmax` and `argmin` give the
 * position (int32, row-major over `inner`) of the first greatest or smallest; a NaN counts as greatest and smallest.
 * An empty reduction gives 0, 1, −∞ (or the least integer), +∞ (or the greatest), 0.
 * Float sums are accurate: partial sums of at most 1,024 terms in at least 4 lanes, combined pairwise, in an order
 * that depends on the shape only.
 */
export interface Reduce {
  readonly op: ReduceOp;
  /** The instruction reduced; the result has its dtype, but int32 for argmax and argmin. */
  readonly value: number;
}

export interface Store {
  readonly at: Access;
  /** The instruction stored. */
  readonly value: number;
  /**
   * 'set': no two indices go to one place. 'add' adds to what is there: scatter. Several indices may meet in one
   * place, all count, and the buffer (readwrite) is not loaded by the kernel.
   */
  readonly mode: 'set' | 'add';
}

/** For every index of `inner`: run `code`, do the stores, feed the reductions. Without inner axes it runs once. */
export interface Block {
  readonly inner: Ids;
  readonly code: readonly Inst[];
  readonly reduces: readonly Reduce[];
  readonly stores: readonly Store[];
}

/** For every index of `outer`, independently and in any order: the blocks one after another. */
export interface Loops {
  readonly kind: 'loops';
  readonly outer: Ids;
  readonly blocks: readonly Block[];
}

/** An operand of a contraction: evaluated while packing, over the axes batch, m (or n) and k. */
export interface Operand {
  readonly code: readonly Inst[];
  readonly out: number;
}

/** acc[batch, m, n] = Σ_k a[batch, m, k] · b[batch, k, n]; then the epilogue for every batch, m, n. */
export interface Contract {
  readonly kind: 'contract';
  readonly batch: Ids;
  readonly m: Ids;
  readonly n: Ids;
  readonly k: Ids;
  readonly a: Operand;
  readonly b: Operand;
  readonly dtype: DType;
  readonly epilogue: { readonly code: readonly Inst[]; readonly stores: readonly Store[] };
}

export interface BufferUse {
  readonly dtype: DType;
  /**
   * A 'readwrite' buffer is loaded and stored by the same block through the same index function (an update in
   * place), or is stored by one block and loaded by later ones, which for an outer index load only what was stored for
   * that outer index (a row passed on, which a later block may update in place), or is a scatter's target or a fault
   * cell. Other buffers of a launch never overlap those written.
   */
  readonly use: 'read' | 'write' | 'readwrite';
}

/**
 * One kernel. A launch gives `buffers.length` buffers and `scalars.length` numbers.
 *
 * A **segmented** kernel is 'loops' with the single outer axis 0 and blocks without inner axes, whose loads and stores
 * have base 0 and stride 1 or 0; `axes[0]` is 0, and a launch runs it over one or more segments: it gives
 * segments × buffers.length buffers and segments × (1 + scalars.length) numbers, the first of each group being the
 * segment's length. That is how one kernel updates all parameters of a model.
 */
export interface Kernel {
  /** Sizes. An axis of size 0 makes its loops empty. */
  readonly axes: Ids;
  readonly buffers: readonly BufferUse[];
  readonly scalars: readonly DType[];
  readonly body: Loops | Contract;
  readonly segmented: boolean;
}

/** What sums are kept in: those of float16 in float32. */
export function wide(dtype: DType): DType {
  return dtype === 'float16' ? 'float32' : dtype;
}

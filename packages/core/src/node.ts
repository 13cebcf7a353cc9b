import type { Memory } from './backend.js';
import type { DType, TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import { intern, type Shape } from './shape.js';
import type { Variable } from './variable.js';

/** Element by element. Operands have the node's shape, or are 0-d 'scalar' and 'const' leaves. */
export type ElementwiseOp =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'trunc' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh' | 'erf' | 'not'
  | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow' | 'max' | 'min' | 'lt' | 'le' | 'eq' | 'ne' | 'and' | 'or' | 'xor' | 'shl' | 'shr'
  | 'where' | 'random' | 'cast' | 'bitcast'; // prettier-ignore
/** Views: they never copy by themselves. */
export type MovementOp = 'reshape' | 'permute' | 'expand' | 'pad' | 'shrink' | 'flip' | 'unfold';
/** Over the dimensions of the attribute, which the result no longer has. */
export type ReduceOp = 'sum' | 'prod' | 'amax' | 'amin' | 'argmax' | 'argmin';
/**
 * - `matmul`: [...batch, m, k] · [...batch, k, n]
 * - `gather`: out[i…] = data[i… with the index in place of dimension `dim`]
 * - `scatterAdd`: base, with source added at the indices along `dim`
 * - `after`: the first input, computed once the second one is there: what would be the same before and after stays two
 * - `identity`: the first input; carries custom gradients, detaching and versions of variables
 */
export type RoutineOp = 'matmul' | 'gather' | 'scatterAdd' | 'after' | 'identity';
/**
 * - `data`: a host array; `variable`: the value of a variable at a version; `argument`: of a compiled function
 * - `scalar`: a run-time number; `const`: a literal of the program; `iota`: 0, 1, 2… as int32
 */
export type LeafOp = 'data' | 'variable' | 'argument' | 'scalar' | 'const' | 'iota';
export type Op = ElementwiseOp | MovementOp | ReduceOp | RoutineOp | LeafOp;

/** Computes the gradients of a node's inputs from that of its output; undefined where there is none. */
export type CustomGradient = (gradient: Node, node: Node) => readonly (Node | undefined)[];

/** What an operation needs beside its inputs. */
export interface Attributes {
  data: { readonly weak: boolean };
  argument: { readonly index: number; /** In device memory rather than host data. */ readonly held: boolean };
  variable: { readonly variable: Variable; readonly version: number };
  scalar: HostScalar;
  const: number;
  permute: readonly number[];
  /** [before, after] for every dimension; the padding is 0. */
  pad: readonly (readonly [number, number])[];
  /** [from, to) for every dimension. */
  shrink: readonly (readonly [number, number])[];
  /** The dimensions turned round. */
  flip: readonly number[];
  /** Windows of `size` elements, `dilation` apart, every `step` elements of `dim`; the last dimension runs along a window. */
  unfold: readonly [dim: number, size: number, step: number, dilation: number];
  sum: readonly number[];
  prod: readonly number[];
  amax: readonly number[];
  amin: readonly number[];
  argmax: readonly number[];
  argmin: readonly number[];
  gather: number;
  scatterAdd: number;
  identity: { readonly gradient?: CustomGradient; readonly variable?: Variable } | undefined;
}

/** A number known when a program runs, in float64: it is never part of the program. */
export interface HostScalar {
  get(): number;
}

let nextId = 1;
/** Nodes built from now on have this id or a greater one. */
export function nextNodeId(): number {
  return nextId;
}

/** One value of the graph: immutable but for what is known of its result. */
export class Node {
  // declared, and set by the constructor: fields are defined one by one in a function of their own, and nodes are many
  declare readonly id: number;
  declare op: Op;
  declare inputs: readonly Node[];
  declare readonly shape: Shape;
  declare readonly dtype: DType;
  declare attribute: unknown;
  declare readonly requiresGrad: boolean;
  /** The result, where it is known: then the inputs are not evaluated again. */
  declare value: TypedArray | Memory | undefined;
  /** Why the inputs are gone, for the error of a second `backward`. */
  declare freed: boolean;
  /** Whether its result shall stay in device memory when it is next evaluated. */
  declare kept: boolean;
  /** What the last walk that met it left (`order.ts`), and where whoever numbered nodes last has put it. */
  declare walk: number;
  declare position: number;

  constructor(op: Op, inputs: readonly Node[], shape: Shape, dtype: DType, attribute: unknown, requiresGrad: boolean) {
    this.id = nextId++;
    this.op = op;
    this.inputs = inputs;
    this.shape = shape;
    this.dtype = dtype;
    this.attribute = attribute;
    this.requiresGrad = requiresGrad;
    this.value = undefined;
    this.freed = false;
    this.kept = false;
    this.walk = 0;
    this.position = 0;
  }

  /** Its value was written to `variable`: from now on it is that variable at its present version. */
  become(variable: Variable): void {
    this.op = 'variable';
    this.attribute = { variable, version: variable.version };
    this.inputs = none;
  }

  /** Forgets how it was computed. */
  cut(): void {
    this.freed ||= this.requiresGrad;
    this.inputs = none;
  }
}
const none: readonly Node[] = [];

// V8 compiles fields that were written once as constants, and throws that code away when one is written again: here
// they are, before anything is compiled
const example = new Node('const', none, intern([]), 'float32', 0, false);
example.value = new Float32Array(1);
example.freed = example.kept = true;
example.walk = example.position = 1;
example.op = 'data';
example.inputs = [example];
example.attribute = none;

let gradientsOff = false;

function withGradients<T>(on: boolean, name: string, body: () => T): T {
  const before = gradientsOff;
  gradientsOff = !on;
  try {
    const result = body();
    if (result instanceof Promise) {
      result.catch(() => {}); // it is this error that counts
      throw new KindlingError(`${name}: the body is asynchronous; it would go on with gradients as they are outside`);
    }
    return result;
  } finally {
    gradientsOff = before;
  }
}

/** Runs `body` (synchronous) without recording gradients: nothing built in it requires one. */
export function noGrad<T>(body: () => T): T {
  return withGradients(false, 'noGrad', body);
}
/** Runs `body` (synchronous) with gradients, also within `noGrad`: for optimizers that need another gradient. */
export function enableGrad<T>(body: () => T): T {
  return withGradients(true, 'enableGrad', body);
}

/** Builds a node; the checks are the callers'. */
export function node<O extends keyof Attributes>(
  op: O,
  inputs: readonly Node[],
  shape: readonly number[],
  dtype: DType,
  attribute: Attributes[O],
): Node;
export function node(
  op: Exclude<Op, keyof Attributes>,
  inputs: readonly Node[],
  shape: readonly number[],
  dtype: DType,
): Node;
export function node(
  op: Op,
  inputs: readonly Node[],
  shape: readonly number[],
  dtype: DType,
  attribute?: unknown,
): Node {
  let requiresGrad = false;
  if (!gradientsOff && (dtype === 'float32' || dtype === 'float64' || dtype === 'float16'))
    for (let i = 0; i < inputs.length; i++) if (inputs[i].requiresGrad) requiresGrad = true;
  return new Node(op, inputs, intern(shape), dtype, attribute, requiresGrad);
}

/** A leaf that gradients flow to, also where it is met under `noGrad` first. */
export function differentiableLeaf<O extends 'variable' | 'argument' | 'identity'>(
  op: O,
  inputs: readonly Node[],
  shape: readonly number[],
  dtype: DType,
  attribute: Attributes[O],
  requiresGrad: boolean,
): Node {
  return new Node(op, inputs, intern(shape), dtype, attribute, requiresGrad);
}

import type { Attributes, Graph, GraphNode } from '@kindling/core';
import { isFloat, sizeOf } from '@kindling/core';

/** What role an operation has for scheduling. */
export type Role = 'leaf' | 'movement' | 'elementwise' | 'gather' | 'reduce' | 'matmul' | 'scatter';

const movements = new Set(['reshape', 'permute', 'expand', 'pad', 'shrink', 'flip', 'unfold', 'after']);
const reductions = new Set(['sum', 'prod', 'amax', 'amin', 'argmax', 'argmin']);
const leaves = new Set(['input', 'scalar', 'const', 'iota']);

function roleOf(op: string): Role {
  if (leaves.has(op)) return 'leaf';
  if (movements.has(op)) return 'movement';
  if (reductions.has(op)) return 'reduce';
  return op === 'matmul' || op === 'gather' ? op : op === 'scatterAdd' ? 'scatter' : 'elementwise';
}

/** A node of the simplified graph. */
export class Value {
  readonly role: Role;
  /** For 'input' and 'scalar': which of the graph's. */
  slot = -1;
  constructor(
    /** Position in topological order. */
    readonly id: number,
    readonly op: GraphNode['op'],
    readonly inputs: readonly Value[],
    readonly shape: readonly number[],
    readonly dtype: GraphNode['dtype'],
    readonly attribute: unknown,
  ) {
    this.role = roleOf(op);
  }
  get size(): number {
    return sizeOf(this.shape);
  }
  /** The dimensions a reduction is over. */
  get reduced(): readonly number[] {
    return this.attribute as Attributes['sum'];
  }
}

export interface Simplified {
  readonly values: readonly Value[];
  /** For each output of the graph. */
  readonly outputs: readonly Value[];
}

/**
 * Drops what is not needed and what changes nothing, and makes equal computations one. Never folds what IEEE forbids:
 * x + 0 is not x (−0), x · 0 is not 0 (NaN).
 */
export function simplify(graph: Graph): Simplified {
  const needed = new Uint8Array(graph.nodes.length);
  for (const { node } of graph.outputs) needed[node] = 1;
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    if (needed[i] === 0) continue;
    const { op, inputs } = graph.nodes[i];
    // the further inputs of an identity only serve its gradient
    for (const input of op === 'identity' ? inputs.slice(0, 1) : inputs) needed[input] = 1;
  }
  const values: Value[] = [];
  const byKey = new Map<string, Value>();
  const mapped: Value[] = [];
  const slots = new Map<number, number>();
  graph.inputs.forEach((position, slot) => slots.set(position, slot));
  graph.scalars.forEach((position, slot) => slots.set(position, slot));

  const make = (
    op: GraphNode['op'],
    inputs: readonly Value[],
    like: Pick<GraphNode, 'shape' | 'dtype'>,
    attribute: unknown,
    slot = -1,
  ): Value => {
    // prettier-ignore
    const key = `${op} ${like.dtype} ${like.shape.join(',')} ${inputs.map((v) => v.id).join(',')} ${slot} ${attributeKey(attribute)}`;
    let value = byKey.get(key);
    if (value === undefined) {
      value = new Value(values.length, op, inputs, like.shape, like.dtype, attribute);
      value.slot = slot;
      values.push(value);
      byKey.set(key, value);
    }
    return value;
  };
  graph.nodes.forEach((n, i) => {
    if (needed[i] === 0) return;
    const inputs = n.inputs.map((p) => mapped[p]);
    mapped[i] = rewrite(n, inputs, make) ?? make(n.op, inputs, n, n.attribute, slots.get(i));
  });
  // what a rewrite has bypassed is not needed any more
  const outputs = graph.outputs.map(({ node }) => mapped[node]);
  return { values: behind(outputs, values), outputs };
}

/** Those of `values` that lead to `outputs`. */
export function behind(outputs: readonly Value[], values: readonly Value[]): Value[] {
  const live = new Set<Value>();
  const stack = [...outputs];
  while (stack.length > 0) {
    const v = stack.pop()!;
    if (live.has(v)) continue;
    live.add(v);
    stack.push(...v.inputs);
  }
  return values.filter((v) => live.has(v));
}

function attributeKey(attribute: unknown): string {
  if (typeof attribute === 'number') return Object.is(attribute, -0) ? '-0' : String(attribute);
  return attribute === undefined ? '' : JSON.stringify(attribute);
}

type Make = (op: GraphNode['op'], inputs: readonly Value[], like: Pick<GraphNode, 'shape' | 'dtype'>, attribute: unknown) => Value; // prettier-ignore

/** A simpler value that is the same, if there is one. */
function rewrite(n: GraphNode, inputs: readonly Value[], make: Make): Value | undefined {
  const [a, b] = inputs;
  // everywhere, also where it was expanded; padding would put zeros beside it
  const isConst = (v: Value | undefined, x: number): boolean => {
    while (v?.role === 'movement' && v.op !== 'pad') v = v.inputs[0];
    return v?.op === 'const' && Object.is(v.attribute, x);
  };
  const same = (v: Value): boolean => v.dtype === n.dtype && v.shape.length === n.shape.length;
  switch (n.op) {
    case 'identity':
      return a;
    case 'mul':
      if (isConst(b, 1) && same(a)) return a;
      if (isConst(a, 1) && same(b)) return b;
      return undefined;
    case 'div':
      // division by a power of two is exact as a multiplication, and much cheaper
      if (b.op === 'const' && isFloat(n.dtype)) {
        const x = b.attribute as number;
        const exponent = Math.log2(Math.abs(x));
        if (isConst(b, 1) && same(a)) return a;
        if (Number.isInteger(exponent) && Math.abs(exponent) < 100)
          return make('mul', [a, make('const', [], b, 1 / x)], n, undefined);
      }
      return undefined;
    case 'sub':
      return isConst(b, 0) && isFloat(n.dtype) && same(a) ? a : undefined;
    case 'cast':
      return a.dtype === n.dtype ? a : undefined;
    case 'reshape':
      return a.op === 'reshape' ? rewriteReshape(a.inputs[0], n, make) : undefined;
    case 'permute': {
      if (a.op !== 'permute') return undefined;
      const inner = a.attribute as readonly number[];
      const order = (n.attribute as readonly number[]).map((d) => inner[d]);
      return order.every((d, i) => d === i) ? a.inputs[0] : make('permute', a.inputs, n, order);
    }
    case 'expand':
      return a.op === 'expand' ? make('expand', a.inputs, n, undefined) : undefined;
    default:
      return undefined;
  }
}

function rewriteReshape(source: Value, n: GraphNode, make: Make): Value {
  const back = source.shape.length === n.shape.length && source.shape.every((size, i) => size === n.shape[i]);
  return back ? source : make('reshape', [source], n, undefined);
}

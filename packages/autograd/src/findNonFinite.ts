import { type Attributes, isFloat, type Node, Tensor } from '@kindling/core';
import { topological } from './topological.js';

export interface NonFiniteInput {
  readonly op: string;
  readonly shape: readonly number[];
  /** Of a parameter or another variable. */
  readonly name: string | undefined;
  readonly found: 'NaN' | 'Infinity' | undefined;
}
/** The operation in which a NaN or an infinity arose, and what it was computed from. */
export interface NonFinite extends NonFiniteInput {
  readonly found: 'NaN' | 'Infinity';
  readonly inputs: readonly NonFiniteInput[];
}

/**
 * Where a NaN or infinity in `t` comes from: the first operation on its way whose operands are still without. Each
 * operation is evaluated by itself, so this is slow, for when something is already wrong, and it has to be called
 * before a step overwrites parameters. Undefined where all of `t` is finite.
 */
export async function findNonFinite(t: Tensor): Promise<NonFinite | undefined> {
  // evaluation cuts nodes off their inputs
  const inputs = new Map<Node, readonly Node[]>();
  const order = topological([t.node], (n) => {
    inputs.set(n, n.inputs);
    return n.inputs;
  });
  const found = new Map<Node, 'NaN' | 'Infinity'>();
  for (const n of order) {
    const what = await nonFinite(n);
    if (what !== undefined) found.set(n, what);
  }
  const what = found.get(t.node);
  if (what === undefined) return undefined;
  // what a selection hides is no cause: only what leads to the result is followed
  let at = t.node;
  for (let next: Node | undefined = at; next !== undefined; next = inputs.get(at)!.find((n) => found.get(n) === what))
    at = next;
  const describe = (n: Node): NonFiniteInput => ({
    op: n.op,
    shape: n.shape,
    name: (n.attribute as Attributes['identity'])?.variable?.name,
    found: found.get(n),
  });
  return { ...describe(at), found: what, inputs: inputs.get(at)!.map(describe) };
}

async function nonFinite(n: Node): Promise<'NaN' | 'Infinity' | undefined> {
  if (!isFloat(n.dtype)) return undefined;
  let values: ArrayLike<number>;
  if (n.op === 'const') values = [n.attribute as number];
  else if (n.op === 'scalar') values = [(n.attribute as Attributes['scalar']).get()];
  else values = await new Tensor(n).data();
  const list = Array.from(values);
  if (list.some(Number.isNaN)) return 'NaN';
  return list.every(Number.isFinite) ? undefined : 'Infinity';
}

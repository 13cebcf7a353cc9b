import type { Node, Op } from './node.js';
import { isLeaf } from './order.js';

/** Shorter graphs stay whole. */
const longGraph = 256;
/**
 * Operations between two cuts: as many as one kernel holds, also after the last cut. What is over makes smaller pieces
 * before that, at least one of each length: the first long graph compiles all that graphs of other lengths need.
 */
const most = 64;
const lengths = [most, 16, 4, 1];
/** What a piece of each length leaves for the smaller ones. */
const leaves = lengths.map((length) => lengths.reduce((sum, other) => (other < length ? sum + other : sum), 0));
/** How many values may pass a cut. */
const width = 2;

/** Not worth memory of their own. */
const views: ReadonlySet<Op> = new Set<Op>([
  'reshape', 'permute', 'expand', 'pad', 'shrink', 'flip', 'unfold', 'after', 'identity',
]); // prettier-ignore

/**
 * Where a long graph is narrow: for each cut, the values that pass it, which are evaluated before what follows. A loop
 * that builds thousands of operations, one upon the other, thus runs as small programs that are alike; another number of
 * turns has them, too. Networks under training are wide (activations wait for their gradients) and stay whole.
 * @param order All its nodes, inputs first.
 */
export function narrows(order: readonly Node[], ends: readonly Node[]): Node[][] {
  if (order.length < longGraph) return [];
  const lastUse = new Int32Array(order.length);
  let left = 0;
  for (let position = 0; position < order.length; position++) {
    const n = order[position];
    n.position = position;
    if (isLeaf(n)) continue;
    left += 1;
    for (let i = 0; i < n.inputs.length; i++) lastUse[n.inputs[i].position] = position;
  }
  for (const n of ends) lastUse[n.position] = order.length; // needed to the end: nothing is cut after it
  const cuts: Node[][] = [];
  const passing = new Set<Node>();
  let wanted = most;
  let since = 0;
  for (let position = 0; position < order.length; position++) {
    const n = order[position];
    if (isLeaf(n)) continue;
    for (let i = 0; i < n.inputs.length; i++)
      if (lastUse[n.inputs[i].position] === position) passing.delete(n.inputs[i]);
    passing.add(n);
    since += 1;
    left -= 1;
    if (since < wanted || passing.size > width || left < most) continue;
    const values = [...passing];
    if (values.some((v) => views.has(v.op) || lastUse[v.position] === order.length)) continue;
    cuts.push(values);
    since = 0;
    wanted = lengths.find((length, i) => length + leaves[i] <= left - most) ?? most;
  }
  return cuts;
}

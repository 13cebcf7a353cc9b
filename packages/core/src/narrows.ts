import type { Graph } from './backend.js';
import type { Node } from './node.js';

/** Shorter graphs stay whole. */
const longGraph = 256;
/** Operations between two cuts: as many as one kernel holds. Towards the end fewer, by powers of two to the least. */
const [most, least] = [64, 8];
/** How many values may pass a cut. */
const width = 2;

const leaves = new Set(['input', 'scalar', 'const', 'iota']);
/** Not worth memory of their own. */
const views = new Set(['reshape', 'permute', 'expand', 'pad', 'shrink', 'flip', 'unfold', 'after', 'identity']);

/**
 * Where a long graph is narrow: for each cut, the values that pass it, which are evaluated before what follows. A loop
 * that builds thousands of operations, one upon the other, thus runs as small programs that are alike; another number of
 * turns has them, too. Networks under training are wide (activations wait for their gradients) and stay whole.
 * @param sources The node behind each position of the graph.
 */
export function narrows({ nodes, outputs }: Graph, sources: readonly Node[]): Node[][] {
  if (nodes.length < longGraph) return [];
  const lastUse = new Int32Array(nodes.length);
  nodes.forEach(({ inputs }, position) => {
    for (const input of inputs) lastUse[input] = position;
  });
  for (const { node } of outputs) lastUse[node] = nodes.length; // needed to the end: nothing is cut after it
  const cuts: Node[][] = [];
  const passing = new Set<number>();
  let left = nodes.reduce((count, { op }) => count + (leaves.has(op) ? 0 : 1), 0);
  let wanted = most;
  let since = 0;
  nodes.forEach(({ op, inputs }, position) => {
    for (const input of inputs) if (lastUse[input] === position) passing.delete(input);
    if (leaves.has(op)) return;
    passing.add(position);
    since += 1;
    left -= 1;
    if (since < wanted || passing.size > width || left < least) return;
    for (const p of passing) if (views.has(nodes[p].op) || lastUse[p] === nodes.length) return;
    cuts.push(Array.from(passing, (p) => sources[p]));
    since = 0;
    wanted = Math.min(most, 2 ** Math.floor(Math.log2(left)));
  });
  return cuts;
}

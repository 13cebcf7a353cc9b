import type { Node } from './node.js';

/** Counts what nodes are marked with: a walk has two marks. */
let walks = 0;

/** Whether nothing is computed to have it. */
export function isLeaf(n: Node): boolean {
  return n.value !== undefined || n.inputs.length === 0;
}

/** All that `ends` are computed from, and they: inputs first, nothing twice, nothing behind a value that is known. */
export function inOrder(ends: readonly Node[]): Node[] {
  const entered = walks + 1;
  const done = (walks += 2);
  const order: Node[] = [];
  // depth first without recursion: graphs can be very deep
  const stack = [...ends].reverse();
  while (stack.length > 0) {
    const n = stack[stack.length - 1];
    if (n.walk === done) stack.pop();
    else if (n.walk === entered || isLeaf(n)) {
      n.walk = done;
      order.push(n);
      stack.pop();
    } else {
      n.walk = entered;
      for (let i = n.inputs.length - 1; i >= 0; i--) if (n.inputs[i].walk !== done) stack.push(n.inputs[i]);
    }
  }
  return order;
}

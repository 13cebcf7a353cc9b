import type { Node } from './node.js';

let walks = 0;

/** Whether nothing is computed to have it. */
export function isLeaf(n: Node): boolean {
  return n.value !== undefined || n.inputs.length === 0;
}

/** All that `ends` are computed from, and they: inputs first, nothing twice, nothing behind a value that is known. */
export function inOrder(ends: readonly Node[]): Node[] {
  const walk = ++walks;
  const order: Node[] = [];
  // depth first without recursion: graphs can be very deep
  const stack = [...ends].reverse();
  while (stack.length > 0) {
    const n = stack[stack.length - 1];
    let ready = true;
    if (n.walk !== walk && n.value === undefined)
      for (let i = n.inputs.length - 1; i >= 0; i--)
        if (n.inputs[i].walk !== walk) {
          stack.push(n.inputs[i]);
          ready = false;
        }
    if (!ready) continue;
    stack.pop();
    if (n.walk === walk) continue;
    n.walk = walk;
    order.push(n);
  }
  return order;
}

import type { Node } from '@kindling/core';

/** All nodes that lead to `roots`, inputs before what is computed from them. No recursion: graphs can be very deep. */
export function topological(roots: readonly Node[], inputsOf: (n: Node) => readonly Node[]): Node[] {
  const order: Node[] = [];
  const opened = new Set<Node>();
  const closed = new Set<Node>();
  const stack = [...roots];
  while (stack.length > 0) {
    const n = stack[stack.length - 1];
    if (!opened.has(n)) {
      opened.add(n);
      for (const input of inputsOf(n)) if (!opened.has(input)) stack.push(input);
    } else {
      stack.pop();
      if (!closed.has(n)) {
        closed.add(n);
        order.push(n);
      }
    }
  }
  return order;
}

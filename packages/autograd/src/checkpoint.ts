import { type Attributes, Node, node, Tensor } from '@kindling/core';
import { sweep } from './sweep.js';
import { topological } from './topological.js';

/**
 * `fn(...inputs)`, whose intermediate values are not kept for the backward pass but computed again there: less memory for
 * more time. Put it around a part of a model whose result is small beside what it computes on the way, such as each block
 * of a deep network. Values and gradients are the same, those of parameters that `fn` uses included, and so are random
 * numbers in it.
 */
export function checkpoint<A extends readonly Tensor[]>(fn: (...inputs: A) => Tensor, ...inputs: A): Tensor {
  const outside = node('const', [], [], 'float32', 0).id; // what is older was not made by `fn`
  const given = new Set(inputs.map((t) => t.node));
  const output = fn(...inputs).node;
  if (!output.requiresGrad) return new Tensor(output);
  const isBoundary = (n: Node): boolean =>
    n.id < outside || given.has(n) || n.inputs.length === 0 || n.value !== undefined || isAssigned(n);
  if (isBoundary(output)) return new Tensor(output);
  const inside = between(output, isBoundary);
  const leaves = inside.filter((n) => isBoundary(n) && n.requiresGrad);

  const gradient = (g: Node): (Node | undefined)[] => {
    const copies = new Map<Node, Node>();
    for (const n of inside) copies.set(n, isBoundary(n) ? again(n, g) : copy(n, copies));
    const targets = new Map(leaves.map((n) => [copies.get(n)!, n]));
    const found = sweep([[copies.get(output)!, new Tensor(g)]], (n) => targets.has(n));
    return leaves.map((n) => found.get(copies.get(n)!)?.node);
  };
  const value = new Node('identity', [output], output.shape, output.dtype, undefined, false);
  return new Tensor(node('identity', [value, ...leaves], output.shape, output.dtype, { gradient }));
}

/** A value that waits to be written to a variable. */
function isAssigned(n: Node): boolean {
  return n.op === 'identity' && (n.attribute as Attributes['identity'])?.variable !== undefined;
}

/** All nodes from the boundary to the output, inputs first. */
function between(output: Node, isBoundary: (n: Node) => boolean): Node[] {
  return topological([output], (n) => (isBoundary(n) ? [] : n.inputs));
}

/** The same leaf, as one that there is only now: what is computed from it is computed again. */
function again(n: Node, now: Node): Node {
  // numbers stand for themselves, and nothing large is made of them alone
  return n.op === 'const' || n.op === 'scalar' ? n : new Node('after', [n, now], n.shape, n.dtype, undefined, n.requiresGrad); // prettier-ignore
}

function copy(n: Node, copies: ReadonlyMap<Node, Node>): Node {
  const inputs = n.inputs.map((input) => copies.get(input)!);
  return new Node(n.op, inputs, n.shape, n.dtype, n.attribute, n.requiresGrad);
}

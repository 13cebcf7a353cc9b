import { type Node, node, noGrad, type Parameter, registerBackward, settleBackward, Tensor } from '@kindling/core';
import { seed } from './seed.js';
import { parameterOf, sweep } from './sweep.js';

export interface BackwardOptions {
  /** Keep the graph behind the loss, so that gradients can be taken of it again. Default false. */
  readonly retainGraph?: boolean;
  /** The gradient of what is called the loss, of its shape: needed where it is not a scalar. */
  readonly gradient?: Tensor;
}

/** Adds the gradients of `loss` to the `grad` of every parameter that it was computed from. */
export function backward(loss: Tensor, options: BackwardOptions = {}): void {
  const start = seed('backward', loss, options.gradient);
  settleBackward();
  const gradients = new Map<Parameter, Tensor>();
  noGrad(() => {
    // one parameter can be several nodes, of different versions
    for (const [n, g] of sweep([[loss.node, start]], (n) => parameterOf(n)?.requiresGrad === true)) {
      const p = parameterOf(n)!;
      gradients.set(p, gradients.get(p)?.add(g) ?? g);
    }
    const taken = new Set([start.node]);
    for (const [p, raw] of gradients) {
      const g = p.hooked(raw);
      p.grad = p.grad?.add(g) ?? owned(g, taken);
    }
  });
  const retainGraph = options.retainGraph ?? false;
  if (!retainGraph) loss.node.freed = true;
  registerBackward(loss.node, gradients.keys(), retainGraph);
}

/** Evaluation turns the node of a gradient into the place where its parameter keeps it: it must be nobody else's. */
function owned(gradient: Tensor, taken: Set<Node>): Tensor {
  const n = gradient.node;
  if (n.inputs.length > 0 && !n.requiresGrad && !taken.has(n)) {
    taken.add(n);
    return gradient;
  }
  return new Tensor(node('identity', [n], n.shape, n.dtype, undefined));
}

import { isFloat, KindlingError, Node, Tensor, zerosLike } from '@kindling/core';
import { grad } from './grad.js';

export interface ValueAndGradOptions {
  /** Let value and gradients be differentiated again, with respect to what the arguments depend on. Default false. */
  readonly createGraph?: boolean;
}

/** The function that gives the scalar `fn` computes, and its gradients with respect to each argument. */
export function valueAndGrad<A extends readonly Tensor[]>(
  fn: (...inputs: A) => Tensor,
  options: ValueAndGradOptions = {},
): (...inputs: A) => { value: Tensor; grads: { [K in keyof A]: Tensor } } {
  const createGraph = options.createGraph ?? false;
  return (...inputs) => {
    const leaves = inputs.map((x, i) => {
      if (!isFloat(x.dtype))
        throw new KindlingError(`valueAndGrad: argument ${i} is ${x.dtype}, which has no gradient; let the function close over it`); // prettier-ignore
      return new Tensor(new Node('identity', [x.node], x.node.shape, x.dtype, undefined, true));
    });
    const value = fn(...(leaves as unknown as A));
    const grads = grad(value, leaves, { createGraph, allowUnused: true }).map((g, i) => g ?? zerosLike(leaves[i]));
    return { value: createGraph ? value : value.detach(), grads: grads as { [K in keyof A]: Tensor } };
  };
}

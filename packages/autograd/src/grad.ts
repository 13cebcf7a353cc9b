import { KindlingError, noGrad, Parameter, Tensor } from '@kindling/core';
import { seed } from './seed.js';
import { parameterOf, sweep } from './sweep.js';

export interface GradOptions {
  /** The gradients of the outputs, of their shapes: needed where they are not scalars. */
  readonly gradient?: Tensor | readonly Tensor[];
  /** Make gradients that can be differentiated again. Default false. */
  readonly createGraph?: boolean;
  /** Give undefined for an input that the outputs do not depend on, instead of an error. Default false. */
  readonly allowUnused?: boolean;
}

/**
 * The gradients of `outputs`, summed where there are several, with respect to `inputs`: parameters and any tensors
 * that the outputs were computed from. Nothing is accumulated and no graph is freed.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions & { readonly allowUnused?: false },
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions,
): (Tensor | undefined)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | undefined)[] {
  const { createGraph = false, allowUnused = false } = options;
  const given = list(options.gradient ?? []);
  const seeds = list(outputs).map((t, i) => [t.node, seed('grad', t, given[i])] as const);
  // a parameter is all nodes that are its value; any other tensor is its node
  const wanted = list(inputs).map((t, i) => {
    if (!t.requiresGrad)
      throw new KindlingError(
        `grad: input ${i}, ${t.describe()}, does not require a gradient; use a parameter, a tensor computed from one, or valueAndGrad`,
      );
    return t instanceof Parameter ? t : t.node;
  });
  const keys = new Set<unknown>(wanted);
  const found = new Map<unknown, Tensor>();
  const run = (): void => {
    for (const [n, g] of sweep(seeds, (n) => keys.has(n) || keys.has(parameterOf(n) ?? n)))
      for (const key of [n, parameterOf(n)]) if (keys.has(key)) found.set(key, found.get(key)?.add(g) ?? g);
  };
  if (createGraph) run();
  else noGrad(run);
  return wanted.map((key, i) => {
    const g = found.get(key);
    if (g === undefined && !allowUnused)
      throw new KindlingError(
        `grad: the outputs do not depend on input ${i}, ${list(inputs)[i].describe()}; pass { allowUnused: true } to get undefined`,
      );
    return createGraph ? g : g?.detach();
  });
}

function list(t: Tensor | readonly Tensor[]): readonly Tensor[] {
  return t instanceof Tensor ? [t] : t;
}

import { noGrad, type Parameter, type Tensor } from '@kindling/core';

/** The parameters that have a gradient now, each once. */
export function withGradient(parameters: Iterable<Parameter>): (Parameter & { grad: Tensor })[] {
  return [...new Set(parameters)].filter((p): p is Parameter & { grad: Tensor } => p.grad !== undefined);
}

/** Gives each of them another gradient. */
export function replaceGradients(parameters: Iterable<Parameter>, replace: (gradient: Tensor) => Tensor): void {
  noGrad(() => {
    for (const p of withGradient(parameters)) p.grad = replace(p.grad).to(p.dtype);
  });
}

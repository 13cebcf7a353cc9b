import { type Closure, type GradientOptimizer, KindlingError, type Parameter, type Tensor } from '@kindling/core';

/**
 * One optimizer of several, each with its own parameters of a model: such as Muon for the matrices and AdamW for the
 * rest. Schedules, clipping, `fit` and checkpoints see one optimizer, whose groups are those of all.
 *
 * `combineOptimizers(muon(matrices, { lr: 0.02 }), adamw(others, { lr: 1e-3 }))`. In the state dictionary the entries of
 * each stand under its position: `0.groups.0.lr`. A schedule that is given to `fit` multiplies or sets the rate of each
 * group by itself.
 *
 * Errors: fewer than one optimizer, a parameter that two of them have, an optimizer that needs a closure: wrap the
 * combined one.
 */
export function combineOptimizers(...optimizers: readonly GradientOptimizer[]): GradientOptimizer {
  if (optimizers.length === 0) throw new KindlingError('combineOptimizers: give at least one optimizer');
  const owner = new Map<Parameter, GradientOptimizer>();
  for (const optimizer of optimizers)
    for (const p of optimizer.groups.flatMap((g) => g.params)) {
      const other = owner.get(p);
      if (other !== undefined && other !== optimizer)
        throw new KindlingError(
          `combineOptimizers: ${p.describe()} belongs to ${other.optimizerName} and to ${optimizer.optimizerName}; give it to one`,
        );
      owner.set(p, optimizer);
    }
  function step(): void;
  function step(closure: Closure): Tensor;
  function step(closure?: Closure): Tensor | undefined {
    const [first, ...others] = optimizers;
    const loss = closure === undefined ? void first.step() : first.step(closure);
    for (const optimizer of others) optimizer.step();
    return loss;
  }
  return {
    optimizerName: optimizers.map((o) => o.optimizerName).join('+'),
    groups: optimizers.flatMap((o) => o.groups),
    compiles: true,
    step,
    zeroGrad: () => {
      for (const optimizer of optimizers) optimizer.zeroGrad();
    },
    train: (on) => {
      for (const optimizer of optimizers) optimizer.train(on);
    },
    to: async (backend) => {
      for (const optimizer of optimizers) await optimizer.to(backend);
    },
    stateDict: () =>
      Object.fromEntries(
        optimizers.flatMap((o, i) => Object.entries(o.stateDict()).map(([k, t]) => [`${i}.${k}`, t] as const)),
      ),
    loadStateDict: (state) => {
      const parts = optimizers.map((): Record<string, Tensor> => ({}));
      for (const [key, value] of Object.entries(state)) {
        const [, index, rest] = /^(\d+)\.(.*)$/s.exec(key) ?? [];
        const part = parts[Number(index)];
        if (part === undefined)
          throw new KindlingError(
            `combineOptimizers.loadStateDict: there is no place for '${key}'; the state was saved by another combination`,
          );
        part[rest] = value;
      }
      optimizers.forEach((o, i) => {
        o.loadStateDict(parts[i]);
      });
    },
  };
}

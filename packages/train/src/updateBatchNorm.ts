import { assign, commit, type Model, noGrad, onesLike, type Tensor, Variable, zerosLike } from '@kindling/core';
import { Module } from '@kindling/nn';
import { breathe } from './common/breathe.js';

/** A module with running statistics, whatever its name. */
interface Norm {
  readonly runningMean: Variable;
  readonly runningVar: Variable;
  momentum: number;
}

function normsOf(module: Module): Norm[] {
  const { runningMean, runningVar, momentum } = module as Partial<Norm>;
  const own = runningMean instanceof Variable && runningVar instanceof Variable && typeof momentum === 'number';
  return [...(own ? [module as unknown as Norm] : []), ...module.children().flatMap(([, child]) => normsOf(child))];
}

/**
 * Computes the running statistics of all batch norms anew, as the mean over `inputs`: for weights that no training step has
 * seen, such as averaged ones. The model is in the mode that it was in before. Nothing happens where there is no batch norm.
 *
 * Source: PyTorch's `update_bn`.
 */
export async function updateBatchNorm(inputs: Iterable<Tensor>, model: Model): Promise<void> {
  const norms = model instanceof Module ? [...new Set(normsOf(model))] : [];
  if (norms.length === 0) return;
  const before = norms.map((n) => n.momentum);
  const { training } = model as Module;
  model.train(true);
  try {
    noGrad(() => {
      for (const { runningMean, runningVar } of norms) {
        assign(runningMean, zerosLike(runningMean));
        assign(runningVar, onesLike(runningVar));
      }
    });
    let seen = 0;
    for (const input of inputs) {
      seen += 1;
      for (const norm of norms) norm.momentum = 1 / seen;
      noGrad(() => model.forward(input));
      commit();
      await breathe();
    }
  } finally {
    norms.forEach((n, i) => (n.momentum = before[i]));
    model.train(training);
  }
}

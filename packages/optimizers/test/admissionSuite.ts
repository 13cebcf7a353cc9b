import { type Backend, type OptimizerFactory } from '@kindling/core';
import { optimizerAdmission, type OptimizerTrial, useBackend } from '@kindling/testkit';
import { beforeAll, describe, test } from 'vitest';
import plugin from '../src/index.js';

/** Learning rates for Rosenbrock's and Beale's functions, the quadratic, and the regression. */
export const rates = (
  rosenbrock: number,
  beale: number,
  quadratic: number,
  regression: number,
): OptimizerTrial['lr'] => ({
  rosenbrock,
  beale,
  'an ill-conditioned quadratic': quadratic,
  'softmax regression': regression,
});

/** What each optimizer is tried with. */
const trials: Record<string, OptimizerTrial> = {
  sgd: { lr: rates(0.003, 0.01, 0.03, 3), options: { momentum: 0.9 } },
  adam: { lr: rates(1, 0.3, 0.3, 0.3) },
  adamw: { lr: rates(1, 0.3, 0.3, 0.3), options: { weightDecay: 0 } },
  rmsprop: { lr: rates(0.1, 0.1, 0.1, 0.1) },
  adaBelief: { lr: rates(1, 0.3, 0.1, 0.1) },
  adadelta: { lr: rates(10, 3, 3, 10) },
  adafactor: { lr: rates(1, 0.1, 1, 1) },
  adagrad: { lr: rates(3, 1, 1, 1) },
  adamax: { lr: rates(1, 1, 1, 3) },
  adan: { lr: rates(0.3, 0.3, 1, 1) },
  adEMAMix: { lr: rates(1, 1, 1, 1) },
  asgd: { lr: rates(0.003, 0.03, 0.03, 3) },
  ftrl: { lr: rates(1, 1, 1, 1), falling: false },
  lamb: { lr: rates(0.1, 0.01, 1, 0.03) },
  lars: { lr: rates(0.01, 0.003, 0.1, 0.01), options: { trustCoefficient: 1 } },
  lbfgs: {
    lr: rates(1, 1, 1, 1),
    options: { lineSearchFn: 'strong_wolfe', maxIter: 4 },
    steps: 30,
    falling: false,
    settles: 12,
  },
  lion: { lr: rates(0.03, 0.1, 0.1, 0.1), options: { weightDecay: 0 } },
  muon: { lr: rates(0.03, 0.03, 0.03, 0.1), options: { weightDecay: 0 }, matrices: true },
  nadam: { lr: rates(0.3, 0.3, 0.3, 0.3) },
  prodigy: { lr: rates(1, 1, 1, 1), steps: 2000 },
  // its first steps are those of plain momentum, which these functions only bear if they are short
  radam: { lr: rates(0.003, 0.003, 0.03, 0.3), options: { betas: [0.9, 0.99] }, steps: 2000 },
  rprop: { lr: rates(0.01, 0.1, 0.1, 0.1) },
  sam: { lr: rates(0.003, 0.01, 0.03, 3), options: { momentum: 0.9, rho: 1e-3 }, exact: false },
  scheduleFreeAdamW: { lr: rates(0.3, 0.3, 0.3, 0.3), falling: false },
  scheduleFreeSGD: { lr: rates(0.003, 0.01, 0.03, 3), falling: false },
  yogi: { lr: rates(1, 0.3, 1, 0.3) },
};

/** The admission tests of every optimizer of the plugin, on a backend; `without`, for an optimizer, those that do not hold there. */
export function admissionSuite(
  backendName: string,
  open: () => Promise<Backend>,
  without: Readonly<Record<string, readonly string[]>> = {},
): void {
  describe(`every optimizer is admitted on ${backendName}`, () => {
    beforeAll(useBackend(open));
    for (const factory of plugin.provides.filter((p) => p.kind === 'optimizer') as readonly OptimizerFactory[])
      describe(factory.optimizerName, () => {
        const trial = trials[factory.optimizerName];
        if (trial === undefined) throw new Error(`${factory.optimizerName} has no trial`);
        for (const [name, check] of Object.entries(optimizerAdmission(factory, trial)))
          if (!without[factory.optimizerName]?.includes(name)) test(name, check, 60_000); // thousands of steps, on machines that do other things, too
      });
  });
}

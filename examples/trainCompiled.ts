// The same loop, traced once: afterwards a step costs one call, whatever happens to the learning rate.
import { backward } from '@kindling/autograd';
import { compile, type Model, type Tensor } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { adam, cosineAnnealingLR } from '@kindling/optimizers';

/** Trains for some epochs of `batches`; the first and the last loss. */
export async function trainCompiled(
  model: Model,
  batches: readonly { input: Tensor; target: Tensor }[],
  epochs: number,
): Promise<{ first: number; last: number }> {
  const criterion = crossEntropyLoss();
  const optimizer = adam(model.parameters(), { lr: 0.03 });
  const schedule = cosineAnnealingLR(optimizer, { tMax: epochs });
  const step = compile((input: Tensor, target: Tensor) => {
    optimizer.zeroGrad();
    const loss = criterion(model.forward(input), target);
    backward(loss);
    optimizer.step();
    return loss;
  });
  const losses: Tensor[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const { input, target } of batches) losses.push(step(input, target));
    schedule.step();
  }
  return { first: await losses[0].item(), last: await losses.at(-1)!.item() };
}

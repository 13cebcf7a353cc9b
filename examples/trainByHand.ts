// The training loop as a PyTorch user types it. Every line means what it means there, although nothing is computed
// before a value is read or the optimizer steps.
import { backward } from '@kindling/autograd';
import type { Model, Tensor } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { sgd } from '@kindling/optimizers';

/** One pass over the data; the losses of all steps, each the value of its own step. */
export async function trainByHand(model: Model, data: Iterable<{ input: Tensor; target: Tensor }>): Promise<Tensor[]> {
  const criterion = crossEntropyLoss();
  const optimizer = sgd([{ params: model.parameters(), lr: 0.1 }], { momentum: 0.9 });
  const history: Tensor[] = [];
  for (const { input, target } of data) {
    optimizer.zeroGrad();
    const logits = model.forward(input);
    const loss = criterion(logits, target);
    backward(loss);
    optimizer.step(); // parameters change here
    history.push(loss); // 10,000 kept losses are 10,000 numbers, not 10,000 graphs
    if ((await loss.item()) > 1e3) throw new Error('diverged'); // the value before the step, although read after it
  }
  return history;
}

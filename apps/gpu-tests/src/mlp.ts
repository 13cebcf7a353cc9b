import { backward } from '@kindling/autograd';
import { compile, manualSeed, relu, tensor, type Tensor } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { random } from '../../../packages/cpu-backend/test/randomKernel.js';

/** A perceptron, its optimizer, and a step that is compiled; the same numbers whatever the backend. */
export function mlp([inputs, hidden, classes]: readonly [number, number, number], batch: number) {
  manualSeed(0);
  const model = sequential(linear(inputs, hidden), relu, linear(hidden, classes));
  const criterion = crossEntropyLoss();
  const optimizer = adam(model.parameters(), { lr: 1e-2 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = criterion(model.forward(x), y);
    backward(loss);
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });
  const batches = Array.from({ length: 8 }, (_, i) => {
    const pick = random(i);
    const x = Float32Array.from({ length: batch * inputs }, () => pick(2 ** 24) / 2 ** 23 - 1);
    return {
      x: tensor(x, { shape: [batch, inputs] }),
      y: tensor(Int32Array.from({ length: batch }, () => pick(classes))),
    };
  });
  return { model, optimizer, step: (i: number) => step(batches[i % 8].x, batches[i % 8].y) };
}

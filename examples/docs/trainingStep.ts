import { backward } from '@kindling/autograd';
import { compile, explain, manualSeed, programStatistics, relu, setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';

setDefaultBackend(await cpu());
manualSeed(0);
const model = sequential(linear(4, 8), relu, linear(8, 3));
const criterion = crossEntropyLoss();
const optimizer = adam(model.parameters(), { lr: 0.01 });
const input = tensor(
  Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
  { shape: [16, 4] },
);
const target = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 3));

const step = compile((x: typeof input, y: typeof target) => {
  optimizer.zeroGrad();
  const loss = criterion(model.forward(x), y);
  backward(loss);
  optimizer.step();
  return loss;
});

console.log(await explain(model.forward(input)));
await step(input, target).item();
const { prepared } = programStatistics();
optimizer.groups[0].lr = 0.001;
for (let i = 0; i < 10; i++) step(input, target);
console.log(await step.explain());
console.log(`${programStatistics().prepared - prepared} programs compiled after the first step`);

import { backward } from '@kindling/autograd';
import { compile, manualSeed, randn, relu, setDefaultBackend, type Tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { mseLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { cosineAnnealingLR, sgd } from '@kindling/optimizers';

setDefaultBackend(await cpu());
manualSeed(0);

const input = randn([256, 2]);
const target = input.slice(undefined, 0).sub(input.slice(undefined, 1)).abs().unsqueeze(1); // |a − b|

const model = sequential(linear(2, 16), relu, linear(16, 1));
const criterion = mseLoss();
const optimizer = sgd(model.parameters(), { lr: 0.1, momentum: 0.9 });
const schedule = cosineAnnealingLR(optimizer, { tMax: 300 });

// traced once, then one program: forward, backward and update
const step = compile((x: Tensor, y: Tensor) => {
  optimizer.zeroGrad();
  const loss = criterion(model.forward(x), y);
  backward(loss);
  optimizer.step();
  return loss;
});

const losses: Tensor[] = [];
for (let i = 0; i < 300; i++) {
  losses.push(step(input, target));
  schedule.step();
}
const [first, last] = [await losses[0].item(), await losses[299].item()];
console.log(`the loss fell from ${first.toFixed(2)} below 0.01: ${last < 0.01}`);

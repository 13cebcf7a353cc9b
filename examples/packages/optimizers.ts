import { backward } from '@kindling/autograd';
import { parameter, setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { adam } from '@kindling/optimizers/adam'; // or from '@kindling/optimizers'
import { stepLR } from '@kindling/optimizers/stepLR';

setDefaultBackend(await cpu());
const x = parameter(tensor([5]));
const optimizer = adam([x], { lr: 0.5 });
const schedule = stepLR(optimizer, { stepSize: 50 });
for (let i = 0; i < 100; i++) {
  optimizer.zeroGrad();
  backward(x.sub(3).pow(2).sum());
  optimizer.step();
  schedule.step();
}
console.log(await x.item()); // close to 3

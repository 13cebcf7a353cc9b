import { backward } from '@kindling/autograd';
import { keep, parameter, setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { sgd } from '@kindling/optimizers';

setDefaultBackend(await cpu());
const weight = parameter(tensor([1, 2]));
weight.name = 'weight';
const optimizer = sgd([weight], { lr: 0.5 });

const loss = weight.mul(weight).sum();
const largest = weight.max();
const smallest = keep(weight.min());
backward(loss);
optimizer.step(); // weight is [0, 0] from here on

console.log(`loss ${await loss.item()}, kept ${await smallest.item()}`);
await largest.item().catch((error: Error) => console.log(error.message));

import { backward } from '@kindling/autograd';
import { parameter, setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';

setDefaultBackend(await cpu());
const x = parameter(tensor([1, 2, 3]));
backward(x.mul(x).sum());
console.log(await x.grad!.toArray()); // [2, 4, 6]

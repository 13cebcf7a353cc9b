import { setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { crossEntropyLoss } from '@kindling/losses/crossEntropyLoss'; // or from '@kindling/losses'

setDefaultBackend(await cpu());
const loss = crossEntropyLoss({ labelSmoothing: 0.1, weight: [1, 2] });
const logits = tensor([
  [2, -1],
  [0, 3],
]);
console.log(await loss(logits, tensor([0, 1])).item());

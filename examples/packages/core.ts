import { setDefaultBackend, softmax, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';

setDefaultBackend(await cpu());
const scores = tensor([
  [1, 2, 3],
  [0, 0, 9],
]);
console.log(await softmax(scores, 1).argmax(1).toArray()); // [2, 2]
